// Completes commands and flags in bash and in zsh, as their own Tab key does.
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'

const PROGRAM = join(import.meta.dirname, '../src/cli.ts')
/** What is typed before the Tab key, some of what is offered, and something that is not. */
const TYPED: [line: string, offers: string[], not: string][] = [
  ['visage us', ['users'], 'tags'],
  ['visage users s', ['set', 'show'], 'list'],
  ['visage users list --', ['--json', '--limit', '--help'], '--username'],
  ['visage backup ', ['list', 'verify', 'drill', '--keep'], 'users'],
  ['visage backup verify --', ['--json', '--help'], '--keep'],
  ['visage check --', ['--json', '--help'], '--repair'],
]

/** `complete -C` knows no cursor, so the function is called as bash calls it. */
const BASH = (line: string) => `eval "$(${process.execPath} ${PROGRAM} completion bash)"
read -ra COMP_WORDS <<< "${line}"; [[ "${line}" == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _visage; echo "\${COMPREPLY[@]}"`

/** A shell within the shell, with a terminal of its own, whose Tab key is pressed twice: it lists everything. */
const ZSH = (line: string) => `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1= RPS1=; autoload -U compinit; compinit -u -D; eval \\"\\$(${process.execPath} ${PROGRAM} completion zsh)\\"; print re''ady"
zpty -r -m shell x '*ready*'
zpty -w -n shell "${line}"$'\\t\\t'
sleep 1
while zpty -r -t shell x; do print -r -- "$x"; done`

let failed = 0
for (const [shell, script] of [['bash', BASH], ['zsh', ZSH]] as const) {
  if (spawnSync(shell, ['-c', 'exit']).error !== undefined) {
    console.log(`SKIPPED: there is no ${shell} (apt-get install ${shell})`)
    continue
  }
  for (const [line, offers, not] of TYPED) {
    // oxlint-disable-next-line no-control-regex -- what a terminal is told beside the text
    const said = execFileSync(shell, ['-c', script(line)], { encoding: 'utf8' }).replaceAll(/\x1B\[[\d;?]*[A-Za-z]/g, '')
    const words = said.split(/\s+/)
    const missing = offers.filter((word) => !words.some((offered) => offered.endsWith(word)))
    const isGood = missing.length === 0 && !words.includes(not)
    if (!isGood) failed += 1
    console.log(`${isGood ? 'ok' : 'FAILED'} ${shell}: ${line}⇥ ${isGood ? offers.join(' ') : JSON.stringify(said)}`)
  }
}
process.exitCode = failed === 0 ? 0 : 1
