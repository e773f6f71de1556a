import type { FastifyBaseLogger } from 'fastify'
import type { Config } from './config.ts'
import type { MailSender } from './visage.ts'

/** Everything has a default: see the table of variables in docs/settings.md. */
export interface Options extends Partial<Config> {
  /** Below which path it answers; as every plugin's. */
  prefix?: string
  /** What the application knows it by, where that is not `visage`: `decorate: 'customers'` makes `app.customers`. */
  decorate?: string
  /** Sends the mails, instead of SMTP or files. */
  mailer?: MailSender
  /** `false`: no pages behind mailed links; the application has its own, at `linkUrl`. */
  pages?: boolean
  /** Where the service logs, instead of the application's logger: any that Fastify takes. */
  log?: FastifyBaseLogger
}
