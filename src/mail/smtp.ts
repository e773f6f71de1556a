import type { Mailer } from '../core/mail/messages.ts'
import { STOP } from '../stop.ts'
import { deliverable } from '../texts/email.ts'
import type { Log } from './files.ts'
import type { Render } from './templates.ts'

interface Options { smtpUrl: string, render: Render, forget: Mailer['forget'], owners: Mailer['owners'], log?: Log }

/** The commands whose answers are about a recipient or a message. */
const ABOUT_ONE = new Set(['RCPT TO', 'DATA'])

/** What the mail library tells of a failure. */
interface Failure extends Error { code?: string, command?: string, responseCode?: number }

// A server that says nothing for so long is down; the queue tries again. The query of the URL overrules them.
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000, dnsTimeout: 10_000 }
const SIGN_IN_NEEDED = 530
/** How often a server that took nothing is asked whether it would now; the queue itself may wait for minutes. */
const ASKED_AGAIN_MS = 5_000

/** Messages by SMTP, over a few connections that are kept. */
export function openSmtp ({ smtpUrl, render, forget, owners, log }: Options): Mailer {
  // With the first message, because the library is large.
  const open = async () => {
    const { createTransport } = await import('nodemailer')
    // Once more over a new connection, when the server has ended an idle one; all other waiting is the queue's.
    return createTransport({ url: smtpUrl, pool: true, maxConnections: 4, maxRequeues: 1, ...TIMEOUTS })
  }
  let opening: ReturnType<typeof open> | undefined
  const ending = new AbortController()
  let trouble: { says: string, askedAt: number } | undefined

  /** Whether the server is there and lets us in. */
  async function ask (): Promise<void> {
    if (trouble !== undefined) trouble.askedAt = performance.now()
    try {
      await (await (opening ??= open())).verify()
      trouble = undefined
    } catch (error) {
      trouble = { says: (error as Error).message, askedAt: performance.now() }
    }
  }

  return {
    async send (message) {
      try {
        const transport = await (opening ??= open())
        await transport.sendMail({ ...render(message), signal: ending.signal })
        trouble = undefined
      } catch (error) {
        const failure = told(error as Failure, message.to)
        // Of an answer to one recipient or message others need hear nothing.
        trouble = ABOUT_ONE.has(failure.command ?? '') ? undefined : { says: failure.message, askedAt: performance.now() }
        if (!isRefusedForGood(failure)) throw failure
        // Trying for three days would not change the server's mind about this recipient.
        log?.warn({ err: failure, mail: message.id }, 'a mail was refused for good')
      }
    },

    async trouble (isNew = false) {
      if (isNew) await ask()
      // Not waited for: a server that says nothing takes its time.
      else if (trouble !== undefined && performance.now() - trouble.askedAt >= ASKED_AGAIN_MS) void ask()
      return trouble?.says
    },

    /** What has left is out of reach; there may be files from before there was a server. */
    forget,
    owners,

    /** Who waits for a connection fails at once, who has one is given a moment. */
    async close () {
      const transport = await opening
      transport?.close()
      // Whatever they wait for: an answer, a connection or the name of the server.
      setTimeout(() => {
        ending.abort()
        transport?.close({ force: true })
      }, STOP.arriving).unref()
    },
  }
}

/**
 * A permanent answer (RFC 5321: 5xx) to the recipient or to the message, or an address that cannot even be said. One to the
 * connection, to our sign-in or to the sender is the operator's to mend, and the messages wait for it.
 */
function isRefusedForGood ({ code, command = '', responseCode = 0 }: Failure): boolean {
  if (code === 'EENVELOPE' && command === 'API') return true
  return ABOUT_ONE.has(command) && responseCode >= 500 && responseCode !== SIGN_IN_NEEDED
}

/** The failure as the log may have it: servers like to repeat whom the message was for. */
function told ({ message, code, command, responseCode }: Failure, to: string): Failure {
  const words = message.replaceAll(to, 'the recipient').replaceAll(deliverable(to), 'the recipient')
  return Object.assign(new Error(words), { ...code !== undefined && { code }, ...command !== undefined && { command }, ...responseCode !== undefined && { responseCode } })
}
