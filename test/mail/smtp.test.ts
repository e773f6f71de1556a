import t from 'tap'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Message } from '../../src/core/mail.ts'
import { freePort, openQueue, startSmtp } from './world.ts'

const SECOND_MS = 1_000
const letter = (n: number): Message => ({ template: 'reset-password', to: `person-${n}@example.com`, params: { username: 'ada', code: `ABCDE-${n}` } })
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

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
    await queue.mail.deliver()
    queue.clock.now += SECOND_MS
  }
  t.same(arrived.map(({ to }) => to).sort(), numbers(20).map((n) => letter(n).to).sort())
  await queue.mail.deliver()
  t.equal(arrived.length, 20, 'and once')
})

t.test('a server that puts off is asked again', async (t) => {
  let refused = 0
  const { port, arrived } = await startSmtp(t, {
    onRcptTo (_address, _session, done) {
      if (refused++ < 1) done(Object.assign(new Error('come back later'), { responseCode: 451 }))
      else done()
    },
  })
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

t.test('a recipient who is refused for good does not hold up anybody', async (t) => {
  const { port, arrived } = await startSmtp(t, {
    onRcptTo ({ address }, _session, done) { done(address.startsWith('person-1@') ? Object.assign(new Error('no such person'), { responseCode: 550 }) : null) },
  })
  const queue = await openQueue(t, `smtp://127.0.0.1:${port}`)
  for (const n of numbers(3)) await queue.post(letter(n))
  await queue.mail.deliver()
  t.same(arrived.map(({ to }) => to).sort(), ['person-0@example.com', 'person-2@example.com'])
  t.equal(await queue.left(), 0)
  t.ok(queue.logged.some(({ message }) => message === 'a mail was refused for good'))
})

t.test('a server that hangs up in the middle is asked again', async (t) => {
  const silent = createServer((socket) => {
    socket.on('error', () => {}).on('data', () => socket.destroy()).write('220 hello\r\n')
  }).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const queue = await openQueue(t, `smtp://127.0.0.1:${port}`)
  await queue.post(letter(1))
  await queue.mail.deliver()
  t.equal(await queue.left(), 1)
  silent.close()
  await once(silent, 'close')
  const { arrived } = await startSmtp(t, { port })
  queue.clock.now += 2 * SECOND_MS
  await queue.mail.deliver()
  t.equal(arrived.length, 1)
})

t.test('what nobody takes for three days is given up', async (t) => {
  const queue = await openQueue(t, `smtp://127.0.0.1:${await freePort(t)}`)
  await queue.post(letter(1))
  queue.clock.now += 3 * 86_400 * SECOND_MS
  await queue.mail.deliver()
  t.equal(await queue.left(), 0)
})

t.test('a message has its headers, a text and HTML, and a name cannot add a header', async (t) => {
  const { port, arrived } = await startSmtp(t)
  const queue = await openQueue(t, `smtp://127.0.0.1:${port}`)
  await queue.post({ template: 'email-changed', to: 'ada@example.com', params: { username: 'ada\r\nBcc: eve@example.com', email: '<b>new</b>@example.com' } })
  await queue.mail.deliver()
  const [{ to, text } = { to: '', text: '' }] = arrived
  t.equal(to, 'ada@example.com')
  t.equal(arrived.length, 1)
  const head = text.slice(0, text.indexOf('\r\n\r\n'))
  t.notMatch(head, /bcc/i)
  t.match(head, /^From: Visage <visage@example\.com>$/m)
  t.match(head, /^To: ada@example\.com$/m)
  t.match(head, /^Subject: Your email address was changed$/m)
  t.match(head, /^Message-ID: <\d+\.\d+@example\.com>$/m)
  t.match(head, /^Auto-Submitted: auto-generated$/m)
  t.match(text, /Content-Type: text\/plain; charset=utf-8/)
  t.match(text, /Content-Type: text\/html; charset=utf-8/)
  t.match(text.replaceAll('=\r\n', ''), /&lt;b&gt;new&lt;\/b&gt;@example\.com/)
})
