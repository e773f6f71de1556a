import { COMMANDS, UsageError } from './index.ts'

const isOf = (name: string, start: string) => start === '' || name === start || name.startsWith(`${start} `)

/** All commands, those of a noun with their flags, or one. Throws a UsageError when there is none of that name. */
export function help (start: string): { says: string, exitCode: number } {
  const shown = Object.entries(COMMANDS).filter(([name]) => isOf(name, start))
  if (shown.length === 0) throw new UsageError(`there is no command ${JSON.stringify(start)}; --help lists them all`)
  const lines = shown.map(([name, { says, flags, operands }]) => [
    `  ${name.padEnd(24)}${says}`,
    ...start === '' ? [] : [
      ...operands === undefined ? [] : [`    ${operands}`],
      ...Object.entries(flags).map(([flag, { type, says, required }]) => `    --${`${flag}${type === 'string' ? ' …' : ''}`.padEnd(20)}${says}${required ? ' (needed)' : ''}`),
    ],
  ].join('\n'))
  return {
    says: [
      'Usage: npm run -s visage -- <command> [flags]',
      '',
      ...lines,
      '',
      ...start === '' ? ['<command> --help tells its flags.'] : [],
      ...start === '' ? ['Where the package is installed it is `npx visage <command>`, and `npx visage serve` starts the service.'] : [],
      'Works beside a running server and without one; VISAGE_DATA_DIR says where the data is. --version tells the version.',
      'Exit code: 0 done, 1 something is wrong with the data or the machine, 2 something is wrong with what was asked.',
    ].join('\n'),
    exitCode: 0,
  }
}
