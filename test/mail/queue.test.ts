import { mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import type { Message } from '../../src/core/mail/messages.ts'
import { openQueue } from './world.ts'
import { openSql } from '../engines.ts'

const letter: Message = { template: 'sign-in-code', to: 'ada@example.com', params: { username: 'ada', code: 'ABCDE-FGHJK' } }

async function open (t: Test) {
  const queue = await openQueue(t)
  const file = openSql(queue.dataDir, { timeout: 0 })
  t.teardown(() => { file.close() })
  const folder = join(queue.dataDir, 'mail')
  return { ...queue, file, folder, told: () => queue.logged.filter(({ message }) => message !== 'a mail was written') }
}

t.test('C6 a message that the database cannot let go of keeps no other', async (t) => {
  const { mail, file, folder, post, left, told, clock } = await open(t)
  for (let n = 1; n <= 40; n++) await post(letter)
  file.exec("create trigger kept before delete on mails when old.id in (2, 3, 20) begin select raise(abort, 'this one stays'); end")
  await mail.deliver()
  t.equal(readdirSync(folder).length, 40, 'all have left')
  t.equal(await left(), 3)
  t.match(told(), [2, 3, 20].map((id) => ({ details: { mail: id, err: { message: 'this one stays' } }, message: 'a mail could not be processed; it will be tried again' })))
  file.exec('drop trigger kept')
  clock.now += 61_000
  await mail.deliver()
  t.equal(await left(), 0)
  t.equal(readdirSync(folder).length, 40, 'and none of them twice')
})

t.test('C6 messages that cannot even be begun stand in nobody\'s way, however many they are', async (t) => {
  const { mail, file, folder, post, left } = await open(t)
  for (let n = 1; n <= 50; n++) await post(letter)
  file.exec("create trigger stuck before update on mails when old.id <= 40 begin select raise(abort, 'this one is stuck'); end")
  await mail.deliver()
  t.equal(readdirSync(folder).length, 10)
  t.equal(await left(), 40)
  file.exec('drop trigger stuck')
  await mail.deliver()
  t.equal(await left(), 0)
})

t.test('C6 a database that is held by somebody else ends the round, and the next one has everything', async (t) => {
  const { mail, file, folder, post, left } = await open(t)
  for (let n = 1; n <= 40; n++) await post(letter)
  file.exec('begin immediate')
  await t.rejects(mail.deliver(), { code: 'DATABASE_BUSY' })
  file.exec('rollback')
  t.equal(await left(), 40)
  await mail.deliver()
  t.equal(readdirSync(folder).length, 40)
})

t.test('C6 a mail to somebody who is gone has left, also when what is left of it cannot be removed', async (t) => {
  const { mail, file, folder, id, post, left, told } = await open(t)
  await post(letter)
  file.pragma('foreign_keys = OFF')
  file.prepare('delete from users where id = ?').run(id)
  mkdirSync(join(folder, `${id}-0.1.eml`))
  await mail.deliver()
  t.same(readdirSync(folder), [`${id}-0.1.eml`])
  t.match(told(), [{ details: { userId: id, err: Error }, message: 'a mail to somebody who is gone could not be removed' }])
  t.equal(await left(), 0)
})

t.test('a mail is in the language that its reader had when it was written', async (t) => {
  const { db, mail, folder, id, post } = await open(t)
  await post(letter)
  await db.write((tx) => tx.users.update(id, { language: 'de-AT' }))
  await post(letter)
  await db.write(async (tx) => {
    await tx.users.update(id, { language: 'fr' })
    await mail.post(tx, id, letter)
  })
  await mail.deliver()
  const subjects = readdirSync(folder).sort().map((name) => /^Subject: (.*)$/m.exec(readFileSync(join(folder, name), 'utf8'))?.[1]?.trim())
  t.same(subjects, ['Your code to sign in', 'Dein Code zum Anmelden', 'Your code to sign in'])
})
