import t from 'tap'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { openService } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'

t.test('a message whose sender was killed between commit and sending still arrives, once, and was never readable before', async (t) => {
  const dataDir = t.testdir({})
  const child = spawn(process.execPath, [join(import.meta.dirname, 'commit.ts'), dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'close')
  t.same(readdirSync(join(dataDir, 'mail')), [], 'nothing was sent')
  const stored = () => readdirSync(dataDir).filter((name) => name.startsWith('visage.db')).map((name) => readFileSync(join(dataDir, name)))
  const before = stored()

  const core = await openService({ config: { ...loadConfig(), dataDir }, exclusive: true })
  t.teardown(() => core.close())
  await core.mail.deliver()
  await core.mail.deliver()
  const names = readdirSync(join(dataDir, 'mail'))
  t.equal(names.length, 1)
  const text = readFileSync(join(dataDir, 'mail', names[0] ?? ''), 'utf8')
  t.match(text, /^To: ada@example\.com\r$/m)
  const code = /[A-Z2-9]{5}-[A-Z2-9]{5}/.exec(text)?.[0] ?? ''
  t.ok(code)
  for (const [when, files] of [['before', before], ['after', stored()]] as const) {
    t.ok(files.some((bytes) => bytes.includes('ada@example.com')), `${when}: the files are those that hold the account`)
    t.notOk(files.some((bytes) => bytes.includes(code) || bytes.includes(code.replace('-', ''))), `${when}: the code is sealed`)
  }
})
