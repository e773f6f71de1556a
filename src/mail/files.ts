import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createTransport } from 'nodemailer'
import type { Mailer } from '../core/mail.ts'
import { syncFolder, writeDurably } from '../disk.ts'
import type { Render } from './templates.ts'

/** The part of a logger that is used here. */
export interface Log {
  info: (details: object, message: string) => void
  warn: (details: object, message: string) => void
}

interface Options { dataDir: string, render: Render, log?: Log }

/**
 * Messages as files in `<dataDir>/mail`, so that everything can be tried without a mail server: whole or not at all, on
 * the disk before `send` resolves, and under the same name at every attempt. The log names the file and nothing in it.
 */
export async function openFiles ({ dataDir, render, log }: Options): Promise<Mailer> {
  const folder = resolve(dataDir, 'mail')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })

  return {
    async send (message) {
      const { message: bytes } = await composer.sendMail(render(message))
      const file = join(folder, `${message.userId}-${message.id}.eml`)
      await writeDurably(`${file}.new`, bytes as Buffer)
      await rename(`${file}.new`, file)
      await syncFolder(folder)
      log?.info({ file }, 'a mail was written')
    },

    async forget (userId) {
      const names = await readdir(folder)
      for (const name of names) if (name.startsWith(`${userId}-`)) await rm(join(folder, name), { force: true })
    },

    async close () {},
  }
}
