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

/** The owner's id, the message's, and of one that is being written how it ends. */
const OWNED = /^([1-9]\d*)-[\d.]+\.eml(?:\.new)?$/

const folderOf = (dataDir: string) => resolve(dataDir, 'mail')

/**
 * Messages as files in `<dataDir>/mail`, so that everything can be tried without a mail server: whole or not at all, on
 * the disk before `send` resolves, and under the same name at every attempt. The log names the file and nothing in it.
 */
export async function openFiles ({ dataDir, render, log }: Options): Promise<Mailer> {
  const folder = folderOf(dataDir)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await syncFolder(dataDir)
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })

  const underway = new Map<Promise<void>, number>()
  const forgetStored = forgetFiles(dataDir)

  async function write (message: Parameters<Mailer['send']>[0]): Promise<void> {
    const { message: bytes } = await composer.sendMail(render(message))
    const file = join(folder, `${message.userId}-${message.id}.eml`)
    await writeDurably(`${file}.new`, bytes as Buffer)
    await rename(`${file}.new`, file)
    await syncFolder(folder)
    log?.info({ file }, 'a mail was written')
  }

  return {
    async send (message) {
      const writing = write(message)
      underway.set(writing, message.userId)
      await writing.finally(() => underway.delete(writing))
    },

    async forget (userId) {
      // What is being written must not come after the removal.
      await Promise.allSettled([...underway].filter(([, owner]) => owner === userId).map(([writing]) => writing))
      await forgetStored(userId)
    },

    owners: ownersOfFiles(dataDir),

    async close () {},
  }
}

/** Removes the files of messages to a person, also those from before messages left by another way. */
export function forgetFiles (dataDir: string): Mailer['forget'] {
  const folder = folderOf(dataDir)
  return async (userId) => {
    for (const name of await namesIn(folder)) if (name.startsWith(`${userId}-`)) await rm(join(folder, name), { force: true })
  }
}

/** Whose files lie there, also from before messages left by another way. */
export function ownersOfFiles (dataDir: string): Mailer['owners'] {
  const folder = folderOf(dataDir)
  return async () => [...new Set((await namesIn(folder)).flatMap((name) => OWNED.exec(name)?.[1] ?? []))].map(Number)
}

async function namesIn (folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return []
    throw error
  }
}
