import type { Mailer } from '../core/mail/messages.ts'
import { forgetFiles, openFiles, ownersOfFiles } from './files.ts'
import type { Log } from './files.ts'
import type { MailSender } from '../visage.ts'
import { openSmtp } from './smtp.ts'
import { loadTemplates } from './templates.ts'

interface Options {
  dataDir: string
  /** Instead of a server and of files. */
  sender?: MailSender
  /** Absent: messages become files. */
  smtpUrl?: string
  from: string
  /** What links begin with; asked for when a message is sent. */
  linkUrl: () => string
  log?: Log
}

/** The way out for messages. Throws a ConfigError when a template of the operator's cannot be used. */
export async function openMailer ({ dataDir, sender, smtpUrl, from, linkUrl, log }: Options): Promise<Mailer> {
  const render = await loadTemplates({ dataDir, from, linkUrl })
  const kept = { forget: forgetFiles(dataDir), owners: ownersOfFiles(dataDir) }
  if (sender !== undefined) return { ...kept, send: async (message) => { await sender.send(render(message)) }, trouble: async () => undefined, close: async () => {} }
  if (smtpUrl === undefined) return await openFiles({ dataDir, render, ...log && { log } })
  return openSmtp({ smtpUrl, render, ...kept, ...log && { log } })
}
