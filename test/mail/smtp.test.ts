import t from 'tap'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SMTPServerOptions } from 'smtp-server'
import type { Message } from '../../src/core/mail/messages.ts'
import { freePort, openQueue, startSmtp } from './world.ts'

const SECOND_MS = 1_000
const letter = (n: number): Message => ({ template: 'reset-password', to: `person-${n}@example.com`, params: { username: 'ada', code: `ABCDE-${n}` } })
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)
const refusal = (responseCode: number, text: string) => Object.assign(new Error(text), { responseCode })
const headOf = (text: string) => text.slice(0, text.indexOf('\r\n\r\n'))
const idOf = (text: string) => /^Message-ID: (.*)\r$/m.exec(text)?.[1]

t.test('a server that is down for a minute and then up has every message once', async (t) => {
  const port = await freePort(t)
  const queue = await openQueue(t, `smtp://127.0.0.1:${port}`)
  for (const n of numbers(20)) await queue.post(letter(n))
  let tries = 0
  for (let second = 0; second < 60; second++) {
    const before = queue.logged.length
    await queue.mail.deliver()
    if (queue.logged.length > before) tries++
    queue.clock.now += SECOND_MS
  }
  t.equal(await queue.left(), 20, 'nothing is lost')
  t.ok(tries > 1 && tries < 10, `tried ${tries} times, further and further apart`)

  const { arrived } = await startSmtp(t, { port })
  for (let second = 0; second < 60 && await queue.left() > 0; second++) {
    await Promise.all([queue.mail.deliver(), queue.mail.deliver()])
    queue.clock.now += SECOND_MS
  }
  t.same(arrived.map(({ to }) => to).sort(), numbers(20).map((n) => letter(n).to).sort())
  for (const { to, text } of arrived) t.match(text, `ABCDE-${/\d+/.exec(to)?.[0]}`, 'each its own')
  t.equal(new Set(arrived.map(({ text }) => idOf(text))).size, 20)
  await queue.mail.deliver()
  t.equal(arrived.length, 20, 'and once')
})

t.test('a server that puts off is asked again', async (t) => {
  let refused = 0
  const { port, arrived } = await startSmtp(t, { onRcptTo (_address, _session, done) { done(refused++ < 1 ? refusal(451, 'come back later') : null) } })
  const queue = await openQueue(t, `smtp://127.0.0.1:${port}`)
  await queue.post(letter(1))
  await queue.mail.deliver()
  t.equal(await queue.left(), 1)
  await queue.mail.deliver()
  t.equal(arrived.length, 0, 'not before its time')
  queue.clock.now += 2 * SECOND_MS
  await queue.mail.deliver()
  t.equal(arrived.length, 1)
  t.equal(await queue.left(), 0)
})

t.test('who is refused for good, as a recipient or for what is in the message, does not hold up anybody', async (t) => {
  const { port, arrived } = await startSmtp(t, {
    onRcptTo ({ address }, _session, done) { done(address.startsWith('person-1@') ? refusal(550, `no such person: <${address}>`) : null) },
    onData (stream, { envelope }, done) {
      const to = envelope.rcptTo[0]?.address ?? ''
      stream.resume().on('end', () => {
        if (to.startsWith('person-2@')) return done(refusal(554, `not for ${to}`))
        arrived.push({ to, text: '' })
        done()
      })
    },
  })
  const queue = await openQueue(t, `smtp://127.0.0.1:${port}`)
  for (const n of numbers(4)) await queue.post(letter(n))
  await queue.post({ ...letter(5), to: 'person-5@example.com>\r\nRCPT TO:<eve@example.com' })
  await queue.mail.deliver()
  t.same(arrived.map(({ to }) => to).sort(), ['person-0@example.com', 'person-3@example.com'])
  t.equal(await queue.left(), 0)
  t.same(queue.logged.map(({ message }) => message), Array(3).fill('a mail was refused for good'))
  const told = queue.logged.map(({ details }) => String((details as { err: Error }).err) + JSON.stringify(details)).join()
  t.match(told, '550 no such person: <the recipient>')
  t.match(told, '554 not for the recipient')
  t.notMatch(told, /person-\d@|ABCDE/, 'the log does not say who, nor what')
})

t.test('what the operator has to mend waits for it', async (t) => {
  const cases: Record<string, SMTPServerOptions> = {
    'the greeting is a refusal': { onConnect (_session, done) { done(refusal(554, 'not from your network')) } },
    'the sender is refused': { onMailFrom (_address, _session, done) { done(refusal(553, 'not your name')) } },
    'the sign-in is refused': { authOptional: false, onAuth (_auth, _session, done) { done(refusal(535, 'wrong password')) } },
    'a sign-in is needed': { onRcptTo (_address, _session, done) { done(refusal(530, 'sign in first')) } },
  }
  for (const [name, options] of Object.entries(cases)) {
    await t.test(name, async (t) => {
      const { port, arrived, stop } = await startSmtp(t, { allowInsecureAuth: true, ...options })
      const queue = await openQueue(t, `smtp://visage:s3cret@127.0.0.1:${port}`)
      await queue.post(letter(1))
      await queue.mail.deliver()
      t.equal(await queue.left(), 1)
      t.match(queue.logged, [{ details: { attempts: 1 }, message: /will be tried again/ }])
      const { err } = (queue.logged[0]?.details ?? {}) as { err?: Error }
      t.notMatch(String(err) + JSON.stringify(queue.logged), 's3cret')
      await stop()

      const mended = await startSmtp(t, { port, allowInsecureAuth: true, onAuth (_auth, _session, done) { done(null, { user: 'visage' }) } })
      queue.clock.now += 2 * SECOND_MS
      await queue.mail.deliver()
      t.equal(arrived.length + mended.arrived.length, 1)
    })
  }
})

t.test('what nobody takes for three days is given up', async (t) => {
  const queue = await openQueue(t, `smtp://127.0.0.1:${await freePort(t)}`)
  await queue.post(letter(1))
  queue.clock.now += 3 * 86_400 * SECOND_MS - 1
  await queue.mail.deliver()
  t.equal(await queue.left(), 1)
  queue.clock.now += 2 * SECOND_MS
  await queue.mail.deliver()
  t.equal(await queue.left(), 0)
  t.match(queue.logged.at(-1)?.message, 'is given up')
})

t.test('a message has its headers, a text and HTML', async (t) => {
  const { port, arrived } = await startSmtp(t)
  const queue = await openQueue(t, `smtp://127.0.0.1:${port}`)
  await queue.post({ template: 'email-changed', to: 'ada@example.com', params: { username: 'ädä', email: '<b>new</b>@example.com' } })
  await queue.mail.deliver()
  t.same(arrived.map(({ to }) => to), ['ada@example.com'])
  const text = arrived[0]?.text ?? ''
  const head = headOf(text)
  t.match(head, /^From: Visage <visage@example\.com>\r$/m)
  t.match(head, /^To: ada@example\.com\r$/m)
  t.match(head, /^Subject: Your email address was changed\r$/m)
  t.match(head, /^Message-ID: <\d+\.\d+@example\.com>\r$/m)
  t.match(head, /^Auto-Submitted: auto-generated\r$/m)
  t.match(head, /^Content-Type: multipart\/alternative;/m)
  const [, plain = '', html = ''] = text.split(/^--.*\r\n/m).map((part) => Buffer.from(part.replaceAll('=\r\n', '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString())
  t.match(plain, /^Content-Type: text\/plain; charset=utf-8/)
  t.match(plain, 'Hello ädä,')
  t.match(plain, '<b>new</b>@example.com')
  t.match(html, /^Content-Type: text\/html; charset=utf-8/)
  t.match(html, 'Hello ädä,')
  t.match(html, '&lt;b&gt;new&lt;/b&gt;@example.com')
})

t.test('no value becomes a header, a recipient or a command', async (t) => {
  const { port, arrived } = await startSmtp(t)
  const queue = await openQueue(t, `smtp://127.0.0.1:${port}`, { 'reset-password.subject.txt': 'For {{username}}:\n{{code}}' })
  const break_ = '\r\nBcc: eve@example.com\r\nX-Eve: 1\r\n\r\n<b>Eve</b>\r\n.\r\nRSET\r\n'
  await queue.post({ template: 'reset-password', to: 'ada@example.com', params: { username: `ada${break_}`, code: 'ABCDE-FGHJK' } })
  await queue.post({ template: 'reset-password', to: 'grace@example.com, eve@example.com', params: { username: 'grace', code: 'ABCDE-FGHJK' } })
  await queue.mail.deliver()
  t.notOk(arrived.some(({ to }) => to === 'eve@example.com'), arrived.map(({ to }) => to).join())
  const [{ text } = { text: '' }, ...others] = arrived.filter(({ to }) => to === 'ada@example.com')
  t.equal(others.length, 0)
  t.notMatch(headOf(text), /^(Bcc|X-Eve)/mi)
  t.match(headOf(text).replaceAll('\r\n ', ' '), /^Subject: For ada Bcc: eve@example\.com .*ABCDE-FGHJK\r$/m, 'one line of it')
})

t.test('a person who leaves takes along the files from before there was a server', async (t) => {
  const queue = await openQueue(t, `smtp://127.0.0.1:${await freePort(t)}`)
  await queue.mail.forget([7])
  t.notOk(existsSync(join(queue.dataDir, 'mail')), 'no folder is made for nothing')
  mkdirSync(join(queue.dataDir, 'mail'))
  for (const name of ['7-1.1.eml', '77-2.1.eml', '7-3.1.eml.new']) writeFileSync(join(queue.dataDir, 'mail', name), '')
  await queue.mail.forget([7])
  t.same(readdirSync(join(queue.dataDir, 'mail')), ['77-2.1.eml'])
})
