// Somebody who signs people up, and the mail server to which each of them is written.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { SMTPServer } from 'smtp-server'

const PAUSE_MS = 250

export interface MailServer {
  url: string
  /** The Message-IDs of what came for each address. */
  arrived: Map<string, string[]>
  end: () => Promise<void>
}

export async function startMailServer (): Promise<MailServer> {
  const arrived = new Map<string, string[]>()
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    closeTimeout: 100,
    onData (stream, session, done) {
      let mail = ''
      stream.on('data', (part) => { mail += String(part) }).on('end', () => {
        const [, id = 'none'] = /^message-id: (.*)$/im.exec(mail) ?? []
        for (const { address } of session.envelope.rcptTo) arrived.set(address, [...arrived.get(address) ?? [], id])
        done()
      })
    },
  })
  server.on('error', () => {}).listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    arrived,
    end: () => new Promise((resolve) => { server.close(() => resolve()) }),
  }
}

/** Signs people up until it is over. Resolves to the addresses of those who were, and of those of whom nobody knows. */
export async function signUp (url: string, over: AbortSignal): Promise<{ sure: string[], unsure: string[] }> {
  const [sure, unsure]: [string[], string[]] = [[], []]
  for (let number = 0; !over.aborted; number++) {
    const email = `new${number}@example.com`
    const status = await fetch(`${url}/api/sign-up/`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username: `new${number}`, email, password: 'correct horse battery' }) })
      .then(async (answer) => { await answer.arrayBuffer(); return answer.status }, () => 0)
    if (status === 201) sure.push(email)
    else unsure.push(email)
    await sleep(PAUSE_MS)
  }
  return { sure, unsure }
}

/** What is wrong with the mails that came: none for somebody who was signed up, or another one for anybody. */
export function wrongMails ({ sure, unsure }: { sure: string[], unsure: string[] }, arrived: ReadonlyMap<string, string[]>): string[] {
  const missing = sure.filter((email) => !arrived.has(email)).map((email) => `${email} got no mail`)
  const twice = [...sure, ...unsure].filter((email) => new Set(arrived.get(email)).size > 1).map((email) => `${email} got ${new Set(arrived.get(email)).size} different mails`)
  return [...missing, ...twice]
}
