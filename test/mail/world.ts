import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions } from 'smtp-server'
import type { Test } from 'tap'
import { createMail } from '../../src/core/mail/index.ts'
import type { Message } from '../../src/core/mail/messages.ts'
import { createSeal } from '../../src/core/seal/index.ts'
import { openDatabase } from '../../src/db/index.ts'
import { openMailer } from '../../src/mail/open.ts'
import { placeOf } from '../engines.ts'

export interface Arrived { to: string, text: string }

/** A mail server on loopback; what it takes is kept. */
export async function startSmtp (t: Test, { port = 0, ...options }: { port?: number } & SMTPServerOptions = {}): Promise<{ port: number, arrived: Arrived[], stop: () => Promise<void> }> {
  const arrived: Arrived[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    closeTimeout: 100,
    onData (stream, session, done) {
      let body = ''
      stream.on('data', (chunk: Buffer) => { body += chunk.toString() }).on('end', () => {
        for (const { address } of session.envelope.rcptTo) arrived.push({ to: address, text: body })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => {})
  server.listen(port, '127.0.0.1')
  await once(server.server, 'listening')
  const stop = () => new Promise<void>((resolve) => { server.close(() => resolve()) })
  t.teardown(stop)
  return { port: (server.server.address() as AddressInfo).port, arrived, stop }
}

/** Manners that a real server lacks: what it does with a command, or with a whole message (`.`). What it does not answer gets 250. */
export type Manners = (command: string, socket: Socket, message: string) => string | null | undefined

/** A mail server by hand. An answer of null is none. */
export async function startRude (t: Test, manners: Manners): Promise<{ port: number, stop: () => Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    let [rest, isMessage] = ['', false]
    const answer = (command: string, usual: string, message = '') => {
      const words = manners(command, socket, message)
      if (words !== null && !socket.destroyed) socket.write(`${words ?? usual}\r\n`)
    }
    sockets.add(socket.on('error', () => {}))
    answer('', '220 hello')
    socket.on('data', (chunk) => {
      rest += chunk.toString()
      for (;;) {
        const end = isMessage ? '\r\n.\r\n' : '\r\n'
        const at = rest.indexOf(end)
        if (at < 0) return
        const said = rest.slice(0, at)
        rest = rest.slice(at + end.length)
        if (isMessage) answer('.', '250 taken', said)
        else answer(said, said === 'DATA' ? '354 go on' : '250 fine')
        isMessage = !isMessage && said === 'DATA'
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = () => new Promise<void>((resolve) => {
    for (const socket of sockets) socket.destroy()
    server.close(() => resolve())
  })
  t.teardown(stop)
  return { port, stop }
}

/** A port of loopback at which nobody listens. */
export async function freePort (t: Test): Promise<number> {
  const { port, stop } = await startSmtp(t)
  await stop()
  return port
}

/** The queue over a real database, with a clock that the test sets, and a person for whom messages are. */
export async function openQueue (t: Test, smtpUrl?: string, templates: Record<string, string> = {}) {
  const dataDir = t.testdir({ templates })
  const { databaseUrl: url, databasePool: connections } = placeOf(dataDir)
  const db = await openDatabase({ dataDir, exclusive: true, ...url !== undefined && connections !== undefined && { url, connections } })
  t.teardown(() => db.close())
  const logged: { details: object, message: string }[] = []
  const log = { info: (details: object, message: string) => { logged.push({ details, message }) }, warn: (details: object, message: string) => { logged.push({ details, message }) } }
  const mailer = await openMailer({ dataDir, from: 'Visage <visage@example.com>', linkUrl: () => 'https://app.example.com', log, ...smtpUrl !== undefined && { smtpUrl } })
  t.teardown(() => mailer.close())
  const clock = { now: Date.now() }
  const mail = createMail({ db, seal: createSeal(randomBytes(32)), mailer, resolve: async () => [], log, now: () => clock.now })
  const { id } = await db.write((tx) => tx.users.insert({ username: 'ada', createdAt: clock.now, updatedAt: clock.now }))
  return {
    dataDir, db, mail, mailer, clock, logged, id,
    post: (message: Message) => db.write((tx) => mail.post(tx, id, message)),
    left: async () => (await db.read.mails.due(Number.MAX_SAFE_INTEGER, 1_000)).length,
  }
}
