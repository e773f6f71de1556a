import t from 'tap'
import type { Test } from 'tap'
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openMailer } from '../../src/mail/open.ts'

const options = { from: 'Visage <visage@example.com>', linkUrl: () => 'https://app.example.com' }
const message = { template: 'reset-password' as const, to: 'ada@example.com', id: '5.1', userId: 7, params: { username: 'ada', code: 'ABCDE-FGHJK' } }

async function open (t: Test) {
  const dataDir = t.testdir({})
  const logged: string[] = []
  const log = { info: (details: object, text: string) => { logged.push(JSON.stringify(details) + text) }, warn: () => {} }
  const mailer = await openMailer({ dataDir, ...options, log })
  return { dataDir, folder: join(dataDir, 'mail'), logged, mailer }
}

t.test('a message is one file of its owner\'s, in a folder of its owner\'s, and the log names it only', async (t) => {
  const { folder, logged, mailer } = await open(t)
  await mailer.send(message)
  t.same(readdirSync(folder), ['7-5.1.eml'])
  const file = join(folder, '7-5.1.eml')
  t.equal(statSync(folder).mode & 0o777, 0o700)
  t.equal(statSync(file).mode & 0o777, 0o600)
  const text = readFileSync(file, 'utf8')
  for (const header of ['From: Visage <visage@example.com>', 'To: ada@example.com', 'Subject: Choose a new password', 'Message-ID: <5.1@example.com>', 'Auto-Submitted: auto-generated', 'MIME-Version: 1.0']) t.ok(text.includes(`${header}\r\n`), header)
  t.match(text, /^Content-Type: multipart\/alternative;/m)
  t.equal(text.match(/^Content-Type: text\/(plain|html); charset=utf-8\r$/gm)?.length, 2)
  t.match(text, '\r\nhttps://app.example.com/reset-password?code=ABCDE-FGHJK\r\n', 'readable as it lies there')
  t.equal(text.replaceAll('\r\n', '').includes('\n'), false, 'lines end as the standard has it')
  t.same(logged, [`${JSON.stringify({ file })}a mail was written`])
})

t.test('a repeated attempt is the same file, also after a crash in the middle', async (t) => {
  const { folder, mailer } = await open(t)
  writeFileSync(join(folder, '7-5.1.eml.new'), 'half of a mess', { mode: 0o600 })
  await mailer.send(message)
  await mailer.send(message)
  t.same(readdirSync(folder), ['7-5.1.eml'])
  t.match(readFileSync(join(folder, '7-5.1.eml'), 'utf8'), /^Auto-Submitted: [^]+--\r\n$/)
})

t.test('a person who leaves takes along their files, and nobody else\'s', async (t) => {
  const { folder, mailer } = await open(t)
  for (const [userId, id] of [[7, '5.1'], [7, '6.1'], [77, '8.1'], [1, '7.7']] as const) await mailer.send({ ...message, userId, id })
  for (const name of ['note', '7-9.1.eml.new']) writeFileSync(join(folder, name), '')
  await mailer.forget([7])
  t.same(readdirSync(folder).sort(), ['1-7.7.eml', '77-8.1.eml', 'note'])
  await mailer.forget([7])
  await mailer.close()
})

t.test('a folder that cannot be written is a failure, not a message lost', async (t) => {
  const { folder, mailer, logged } = await open(t)
  mkdirSync(join(folder, '7-5.1.eml.new'))
  await t.rejects(mailer.send(message), { code: 'EISDIR' })
  t.same(logged, [])
})

t.test('what is being written when its owner is forgotten does not come after', async (t) => {
  const { folder, mailer } = await open(t)
  const sending = Promise.all(Array.from({ length: 20 }, (_, i) => mailer.send({ ...message, id: `${i}.1` })))
  await mailer.forget([7])
  t.same(readdirSync(folder), [])
  await sending
  t.same(readdirSync(folder), [])
})

t.test('C5 whose messages lie there is told some at a time, however many there are', async (t) => {
  const { folder, mailer } = await open(t)
  const names = Array.from({ length: 2_300 }, (_, i) => `${1 + i % 1_150}-${i}.1.eml`)
  for (const name of [...names, 'note', '0-1.1.eml']) writeFileSync(join(folder, name), '')
  const parts: number[][] = []
  for await (const owners of mailer.owners()) parts.push(owners)
  t.ok(parts.length >= 3 && parts.every(({ length }) => length <= 1_000), `parts of ${parts.map(({ length }) => length).join()}`)
  t.equal(new Set(parts.flat()).size, 1_150)
  await mailer.forget(Array.from({ length: 1_149 }, (_, i) => i + 1))
  t.same(readdirSync(folder).sort(), ['0-1.1.eml', '1150-1149.1.eml', '1150-2299.1.eml', 'note'])
})

t.test('C6 a file that cannot be removed is told, and the others go', async (t) => {
  const { folder, mailer } = await open(t)
  for (const name of ['7-1.1.eml', '7-3.1.eml', '8-1.1.eml', '9-1.1.eml']) writeFileSync(join(folder, name), '')
  for (const name of ['7-2.1.eml', '8-2.1.eml']) mkdirSync(join(folder, name))
  await t.rejects(mailer.forget([7, 8]), { message: /7-2\.1\.eml|8-2\.1\.eml/, errors: [{ code: 'ERR_FS_EISDIR' }, { code: 'ERR_FS_EISDIR' }] })
  t.same(readdirSync(folder).sort(), ['7-2.1.eml', '8-2.1.eml', '9-1.1.eml'])
})
