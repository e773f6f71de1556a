import t from 'tap'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { ownFile } from '../src/own-file.ts'

const options = { name: 'secret', make: () => 'a secret', read: (found: string) => found === 'a secret' ? found : undefined, expected: 'a secret' }

t.test('made once, for its owner, and read again', async (t) => {
  const dataDir = t.testdir({})
  t.equal(await ownFile({ ...options, dataDir }), 'a secret')
  t.equal(statSync(join(dataDir, 'secret')).mode & 0o777, 0o600)
  t.equal(await ownFile({ ...options, dataDir, make: () => 'another' }), 'a secret')
  t.same(readdirSync(dataDir), ['secret'], 'no draft stays')
})

t.test('a text that is no use is one sentence that names the file', async (t) => {
  const dataDir = t.testdir({ secret: 'cut o' })
  await t.rejects(ownFile({ ...options, dataDir }), { name: 'ConfigError', message: `${join(dataDir, 'secret')}: expected a secret` })
})

t.test('of many that start at once, all go on with the same', async (t) => {
  const dataDir = t.testdir({})
  const program = `
    const { ownFile } = await import(${JSON.stringify(join(import.meta.dirname, '../src/own-file.ts'))})
    const { randomBytes } = await import('node:crypto')
    process.stdout.write(await ownFile({ dataDir: process.argv[1], name: 'secret', make: () => randomBytes(16).toString('hex'), read: (text) => text, expected: '' }))`
  const said = await Promise.all(Array.from({ length: 8 }, async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [out] = await Promise.all([text(child.stdout), once(child, 'close')])
    return out
  }))
  t.equal(new Set(said).size, 1)
  t.match(said[0], /^[0-9a-f]{32}$/)
  t.equal(readFileSync(join(dataDir, 'secret'), 'utf8'), said[0])
  t.same(readdirSync(dataDir), ['secret'])
})
