// Makes an account, whose message is queued by the same commit, says so, and waits to be killed.
import { openService, OPERATOR } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'

const core = await openService({ config: { ...loadConfig(), dataDir: process.argv[2] ?? '' }, exclusive: true })
await core.users.create(OPERATOR, { username: 'ada', email: 'ada@example.com' }, { family: 'operator' })
process.stdout.write('committed\n')
setInterval(() => {}, 1_000)
