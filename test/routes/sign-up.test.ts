import t from 'tap'
import { openSql } from '../engines.ts'
import { build, PASSWORD, signUp } from '../helper.ts'

const ADA = { username: 'ada', email: 'ada@example.com', password: PASSWORD }

t.test('POST /api/sign-up/: the account and its session are there together, or neither is', async (t) => {
  const { app, dataDir, core } = await build(t)
  const file = openSql(dataDir)
  t.teardown(() => { file.close() })
  file.exec("create trigger failing before insert on sessions begin select raise(abort, 'out of order'); end")
  t.equal((await app.inject({ method: 'POST', url: '/api/sign-up/', payload: ADA })).statusCode, 500)
  t.equal(await core.users.findByUsername('ada'), undefined)
  file.exec('drop trigger failing')
  t.equal((await app.inject({ method: 'POST', url: '/api/sign-up/', payload: ADA })).statusCode, 201, 'the same request again')
})

t.test('POST /api/sign-up/: fifty at once for one name make one account', async (t) => {
  const { app } = await build(t)
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) =>
    app.inject({ method: 'POST', url: '/api/sign-up/', remoteAddress: `192.0.2.${i}`, payload: { ...ADA, username: i % 2 === 0 ? 'ada' : 'ADA', email: `ada${i}@example.com` } })))
  t.equal(answers.filter(({ statusCode }) => statusCode === 201).length, 1)
  for (const { statusCode, body } of answers) if (statusCode !== 201) t.equal(body, '{"username":["A user with that username already exists."]}')
})

t.test('an access token dies with its session', async (t) => {
  const built = await build(t, { accessTtl: 3_600, refreshTtl: 1_800 })
  const { headers } = await signUp(built, 'ada')
  const ask = () => built.app.inject({ url: '/api/profile/', headers })
  t.equal((await ask()).statusCode, 200)
  const file = openSql(built.dataDir)
  t.teardown(() => { file.close() })
  file.prepare('update sessions set expires_at = ?').run(Date.now() - 1)
  t.equal((await ask()).statusCode, 401)
})
