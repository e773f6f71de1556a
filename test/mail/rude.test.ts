import t from 'tap'
import type { Message } from '../../src/core/mail/messages.ts'
import { retried } from '../retried.ts'
import { openQueue, startRude } from './world.ts'

const letter: Message = { template: 'sign-in-code', to: 'ada@example.com', params: { username: 'ada', code: 'ABCDE-FGHJK' } }
const idOf = (text: string) => /^Message-ID: (.*)\r$/m.exec(text)?.[1]

t.test('a server that says nothing is given up for now, and asked again', async (t) => {
  // Long enough for a machine that is busy, as it counts for the server that answers as well.
  const patience = 'greetingTimeout=400&socketTimeout=400'
  for (const silentAt of ['', 'MAIL FROM', 'DATA', '.']) {
    const found = await retried(async () => {
      const found = { left: 0, taken: 0, leftThen: 0 }
      await t.test(`at ${silentAt || 'the greeting'}`, async (t) => {
        let isSilent = true
        const { port } = await startRude(t, (command) => {
          if (isSilent && (silentAt === '' || command.startsWith(silentAt))) return null
          if (command === '.') found.taken++
          return undefined
        })
        const queue = await openQueue(t, `smtp://127.0.0.1:${port}/?${patience}`)
        await queue.post(letter)
        await queue.mail.deliver()
        found.left = await queue.left()
        isSilent = false
        queue.clock.now += 2_000
        await queue.mail.deliver()
        found.leftThen = await queue.left()
      })
      return found
    }, ({ leftThen }) => leftThen === 0)
    t.same(found, { left: 1, taken: 1, leftThen: 0 })
  }
})

t.test('a server that hangs up is asked again, with the same message', async (t) => {
  for (const endsAt of ['', 'EHLO', 'RCPT TO', 'DATA', '.']) {
    let isRude = true
    const [heard, taken]: [string[], string[]] = [[], []]
    const { port } = await startRude(t, (command, socket, message) => {
      if (command === '.') heard.push(message)
      if (isRude && (endsAt === '' || command.startsWith(endsAt))) {
        socket.destroy()
        return null
      }
      if (command === '.') taken.push(message)
      return undefined
    })
    const queue = await openQueue(t, `smtp://127.0.0.1:${port}`)
    await queue.post(letter)
    await queue.mail.deliver()
    t.equal(await queue.left(), 1, `at ${endsAt || 'the greeting'}`)
    t.equal(heard.length, endsAt === '.' ? 1 : 0, 'nothing is sent twice behind the queue')
    isRude = false
    queue.clock.now += 2_000
    await queue.mail.deliver()
    await queue.mail.deliver()
    t.equal(taken.length, 1)
    // Whether a server kept what it did not answer for, only the server can tell, and by this.
    t.equal(new Set(heard.map(idOf)).size, 1)
    t.equal(await queue.left(), 0)
  }
})

t.test('a connection that the server ended meanwhile costs no attempt', async (t) => {
  const taken: string[] = []
  const { port } = await startRude(t, (command, socket, message) => {
    if (command !== '.') return undefined
    taken.push(message)
    setImmediate(() => socket.end())
    return '250 taken'
  })
  const queue = await openQueue(t, `smtp://127.0.0.1:${port}`)
  for (let n = 1; n <= 3; n++) {
    await queue.post(letter)
    await queue.mail.deliver()
    t.equal(taken.length, n)
  }
  t.same(queue.logged, [])
})

t.test('a server that says nothing does not hold up the closing for long, wherever it stops', { jobs: 4 }, async (t) => {
  await Promise.all(['', 'EHLO', 'DATA', '.'].map(async (silentAt) => {
    await t.test(`at ${silentAt || 'the greeting'}`, async (t) => {
      const ms = await retried(async () => {
        let ms = Infinity
        await t.test('a try, with a folder of its own', async (t) => {
          const heard = Promise.withResolvers<void>()
          const { port } = await startRude(t, (command) => {
            if (!command.startsWith(silentAt) || (silentAt === '' && command !== '')) return undefined
            heard.resolve()
            return null
          })
          const queue = await openQueue(t, `smtp://127.0.0.1:${port}`)
          for (let n = 0; n < 6; n++) await queue.post(letter)
          const delivery = queue.mail.deliver()
          await heard.promise
          const started = performance.now()
          await queue.mail.close()
          await delivery
          ms = performance.now() - started
          t.equal(await queue.left(), 6, 'nothing is lost')
        })
        return ms
      }, (ms) => ms < 4_000)
      t.ok(ms < 4_000, `closed after ${Math.round(ms)} ms`)
    })
  }))
})
