import { createTransport } from 'nodemailer'
import type { Mailer } from '../core/mail.ts'
import type { Log } from './files.ts'
import type { Render } from './templates.ts'

interface Options { smtpUrl: string, render: Render, log?: Log }

// A server that says nothing for so long is down; the queue tries again.
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000, dnsTimeout: 10_000 }

/** Messages by SMTP, over a few connections that are kept. */
export function openSmtp ({ smtpUrl, render, log }: Options): Mailer {
  const transport = createTransport({ url: smtpUrl, pool: true, maxConnections: 4, ...TIMEOUTS })

  return {
    async send (message) {
      try {
        await transport.sendMail(render(message))
      } catch (error) {
        if (!isRefusedForGood(error)) throw error
        // Trying for three days would not change the server's mind about this recipient.
        log?.warn({ err: error, mail: message.id }, 'a mail was refused for good')
      }
    },

    /** What has left is out of reach. */
    forget: async () => {},

    async close () { transport.close() },
  }
}

/** A permanent answer (RFC 5321: 5xx) to the recipient or to the message; one to the sender's own sign-in is ours to mend. */
function isRefusedForGood (error: unknown): boolean {
  const { responseCode = 0, code } = error as { responseCode?: number, code?: string }
  return responseCode >= 500 && code !== 'EAUTH' && code !== 'ECONNECTION' && code !== 'EDNS'
}
