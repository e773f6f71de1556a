import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mailer } from '../core/mail.ts'
export async function openMailer ({ dataDir }: { dataDir: string, smtpUrl?: string, from: string, linkUrl: () => string, log?: unknown }): Promise<Mailer> {
  const folder = join(dataDir, 'mail')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return {
    async send ({ id, userId, to, params, template }) {
      writeFileSync(join(folder, `${userId}-${id}.eml`), `X: y\r\nTo: ${to}\r\nMessage-ID: <${id}@visage>\r\n\r\n${template} ${JSON.stringify(params)}`)
    },
    async forget (userId) {
      for (const name of readdirSync(folder)) if (name.startsWith(`${userId}-`)) rmSync(join(folder, name))
    },
    async close () {},
  }
}
