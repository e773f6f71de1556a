import { parseArgs } from 'node:util'

const USAGE = `npm run bench [-- --quick | --all] [-- --only TEXT …] [-- --rounds N] [-- --seconds S] [-- --accounts N]

Measures the service beside bare node:http over the same statements and the same durable commit, beside other services that
are installed, and its start and memory beside an empty Fastify application, in interleaved rounds. A run of all the usual rows
writes docs/BENCH.md and docs/bench.svg.

  --quick       what matters most, in two minutes
  --all         also what takes long: the tail, 100 thousand and a million accounts, 512 MB of memory
  --only TEXT   only the rows whose names have this in them; may be given more than once
  --rounds N    how often each is measured (3)
  --seconds S   how long (4; 2 with --quick)
  --accounts N  among how many people, like 10k or 1m (10k)
  --list        the names of all rows`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false }, list: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false }, all: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true }, rounds: { type: 'string', default: '3' }, seconds: { type: 'string' }, accounts: { type: 'string', default: '10k' },
  },
})
if (values.help) {
  console.log(USAGE)
  process.exit()
}

const [, digits, thousands = ''] = /^(\d+)([km]?)$/i.exec(values.accounts) ?? []

export const options = {
  ...values,
  rounds: Number(values.rounds),
  seconds: Number(values.seconds ?? (values.quick ? 2 : 4)),
  accounts: Number(digits) * ({ k: 1e3, m: 1e6 }[thousands.toLowerCase()] ?? 1),
}
if (![options.rounds, options.seconds, options.accounts / 1_000].every((value) => value >= 1)) {
  console.error(`${USAGE}\n\n--rounds and --seconds are at least 1, --accounts is at least 1000.`)
  process.exit(1)
}
