import type { Mailer } from '../core/mail/index.ts'
import { forgetFiles, openFiles, ownersOfFiles } from './files.ts'
import type { Log } from './files.ts'
import { openSmtp } from './smtp.ts'
import { loadTemplates } from './templates.ts'

interface Options {
  dataDir: string
  /** Absent: messages become files. */
  smtpUrl?: string
  from: string
  /** What links begin with; asked for when a message is sent. */
  linkUrl: () => string
  log?: Log
}

/** The way out for messages. Throws a ConfigError when a template of the operator's cannot be used. */
export async function openMailer ({ dataDir, smtpUrl, from, linkUrl, log }: Options): Promise<Mailer> {
  const render = await loadTemplates({ dataDir, from, linkUrl })
  if (smtpUrl === undefined) return await openFiles({ dataDir, render, ...log && { log } })
  return openSmtp({ smtpUrl, render, forget: forgetFiles(dataDir), owners: ownersOfFiles(dataDir), ...log && { log } })
}
