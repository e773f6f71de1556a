import type { Command } from './command.ts'

type Commands = Readonly<Record<string, Command>>

/** What can stand next, by what stands before it: the nouns, the verbs of each, the flags of each command. */
function choices (commands: Commands): [before: string, next: string[]][] {
  const names = Object.keys(commands)
  const nouns = [...new Set(names.map((name) => name.split(' ')[0] ?? ''))]
  const verbsOf = (noun: string) => names.filter((name) => name.startsWith(`${noun} `)).map((name) => name.slice(noun.length + 1))
  return [
    ['', [...nouns, 'help', '--help', '--version']],
    ...nouns.filter((noun) => verbsOf(noun).length > 0).map((noun): [string, string[]] => [noun, verbsOf(noun)]),
    ...Object.entries(commands).map(([name, { flags }]): [string, string[]] => [name, [...Object.keys(flags).map((flag) => `--${flag}`), '--help']]),
  ]
}

const cases = (commands: Commands) => choices(commands).map(([before, next]) => `    '${before}') COMPREPLY=($(compgen -W '${next.join(' ')}' -- "$word")) ;;`).join('\n')

const bash = (commands: Commands) => `# eval "$(visage completion bash)"
_visage () {
  local word=\${COMP_WORDS[COMP_CWORD]} before=''
  local -a words=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
  before=\${words[*]:0:2}
  case \${words[0]-} in
${Object.keys(commands).filter((name) => !name.includes(' ')).map((name) => `    ${name}) before=${name} ;;`).join('\n')}
  esac
  case $before in
${cases(commands)}
  esac
}
complete -o default -F _visage visage`

/** The commands that complete these, and themselves. */
export function completionOf (others: Commands): Commands {
  const commands: Commands = {
    'completion bash': {
      says: 'prints what completes commands and flags: eval "$(visage completion bash)"',
      flags: {},
      tell: async () => bash({ ...others, ...commands }),
    },
    'completion zsh': {
      says: 'the same for zsh: eval "$(visage completion zsh)"',
      flags: {},
      tell: async () => `autoload -U +X bashcompinit && bashcompinit\n${bash({ ...others, ...commands })}`,
    },
  }
  return commands
}
