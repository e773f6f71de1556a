import t from 'tap'
import { UsageError } from '../../src/commands/index.ts'
import type { Flags } from '../../src/commands/index.ts'
import { openWorld } from '../core/world.ts'
import { carryOut } from './visage.ts'

const LONGEST = 3_650 * 86_400
const NONE = ['', '0', '-1', '-0', '+1', '0.5', '1.0', '01', ' 1', '1 ', '1e0', '1e3', '0x1', '0b1', '1n', '9007199254740992', '1e13', '1e21', '1e308', '1e400', 'NaN', 'Infinity', '٣', '9'.repeat(400)]

t.test('A8 the numbers in the flags of tokens', async (t) => {
  const { db, ada, ...core } = await openWorld(t)
  const run = async (name: string, flags: Flags) => await carryOut({ db, ...core }, name, flags, core.dataDir)
  const listed = async () => (await run('tokens list', { username: 'ada' })).split('\n').filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { id: number, createdAt: string, expiresAt: string | null, revokedAt: string | null }).toReversed()
  for (const seconds of [...NONE, String(LONGEST + 1), '2147483648', '9999999999']) {
    await t.rejects(run('tokens create', { username: 'ada', 'expires-in': seconds }), { constructor: UsageError, message: /^--expires-in takes a whole number of seconds/ }, seconds.slice(0, 20))
  }
  t.same(await listed(), [], 'none was made')
  for (const seconds of ['1', '86400', String(LONGEST)]) {
    t.match(await run('tokens create', { username: 'ada', 'expires-in': seconds }), /^[0-9a-f]{40}$/)
    const { createdAt: from, expiresAt: to } = (await listed()).at(-1) ?? { createdAt: '', expiresAt: '' }
    t.equal((Date.parse(to ?? '') - Date.parse(from)) / 1_000, Number(seconds))
  }
  await run('tokens create', { username: 'ada' })
  t.equal((await listed()).at(-1)?.expiresAt, null)

  for (const id of [...NONE, '5', '9007199254740991', '999999999999999']) {
    await t.rejects(run('tokens revoke', { id }), new UsageError(`there is no API token ${id} that could be revoked`), id.slice(0, 20))
  }
  t.ok((await listed()).every(({ revokedAt: at }) => at === null), 'none has ended')
  t.equal(await run('tokens revoke', { id: '1' }), 'API token 1 is revoked')
  t.same((await listed()).map(({ revokedAt: at }) => at !== null), [true, false, false, false])
  t.equal((await db.read.keys.list(ada.id, 10)).length, 4)
})
