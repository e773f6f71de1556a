import type { Command, Said } from './command.ts'

type Commands = Readonly<Record<string, Command>>

/** What can stand next, by what stands before it: the nouns, the verbs of each, the flags of each command. */
function choices (commands: Commands): [before: string, next: string[]][] {
  const names = Object.keys(commands)
  const nouns = [...new Set(names.map((name) => name.split(' ')[0] ?? ''))]
  const verbsOf = (noun: string) => names.filter((name) => name.startsWith(`${noun} `)).map((name) => name.slice(noun.length + 1))
  const flagsOf = (name: string) => [...Object.keys(commands[name]?.flags ?? {}).map((flag) => `--${flag}`), '--help']
  return [
    ['', [...nouns, 'help', '--help', '--version']],
    // Some are a command by themselves as well.
    ...nouns.map((noun): [string, string[]] => [noun, [...verbsOf(noun), ...noun in commands ? flagsOf(noun) : []]]),
    ...names.filter((name) => name.includes(' ')).map((name): [string, string[]] => [name, flagsOf(name)]),
  ]
}

const cases = (commands: Commands) => choices(commands).map(([before, next]) => `    '${before}') next='${next.join(' ')}' ;;`).join('\n')

const bash = (commands: Commands) => `# eval "$(visage completion bash)"
_visage () {
  local before='' next=''
  ((COMP_CWORD > 1)) && before=\${COMP_WORDS[1]}
  ((COMP_CWORD > 2)) && case "$before \${COMP_WORDS[2]}" in
    ${Object.keys(commands).filter((name) => name.includes(' ')).map((name) => `'${name}'`).join(' | ')}) before="$before \${COMP_WORDS[2]}" ;;
  esac
  case $before in
${cases(commands)}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _visage visage`

/** For a shell, and no other program. */
const asScript = (says: string): Said => ({ says, json: [] })

/** The commands that complete these, and themselves. */
export function completionOf (others: Commands): Commands {
  const commands: Commands = {
    'completion bash': {
      says: 'prints what completes commands and flags: eval "$(visage completion bash)"',
      flags: {},
      tell: async () => asScript(bash({ ...others, ...commands })),
    },
    'completion zsh': {
      says: 'the same for zsh: eval "$(visage completion zsh)"',
      flags: {},
      tell: async () => asScript(`autoload -U +X bashcompinit && bashcompinit\n${bash({ ...others, ...commands })}`),
    },
  }
  return commands
}
