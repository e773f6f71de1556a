import { constants } from 'node:fs'
import { access, mkdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Transporter } from 'nodemailer'
import type { Mailer } from '../core/mail/messages.ts'
import { entriesOf, syncFolder, writeDurably } from '../disk.ts'
import type { Render } from './templates.ts'

/** The part of a logger that is used here. */
export interface Log {
  info: (details: object, message: string) => void
  warn: (details: object, message: string) => void
}

interface Options { dataDir: string, render: Render, log?: Log }

/** The owner, the message's id, and of one that is being written how it ends. */
const OWNED = /^(i?[1-9]\d*)-[\d.]+\.eml(?:\.new)?$/
/** An owner as names have it: of an invitation, which is below zero, with an `i`. */
const wordOf = (owner: number): string => owner < 0 ? `i${-owner}` : String(owner)
const numberOf = (word = ''): number => Number(word.replace('i', '-'))

/** Whose message a file is, whatever its name ends with. */
const ownerOf = (name: string): number => numberOf(/^(i?[1-9]\d*)-/.exec(name)?.[1])

const FILES_AT_ONCE = 1_000

const folderOf = (dataDir: string) => resolve(dataDir, 'mail')

/**
 * Messages as files in `<dataDir>/mail`, so that everything can be tried without a mail server: whole or not at all, on
 * the disk before `send` resolves, and under the same name at every attempt. The log names the file and nothing in it.
 */
export async function openFiles ({ dataDir, render, log }: Options): Promise<Mailer> {
  const folder = folderOf(dataDir)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await syncFolder(dataDir)
  let composing: Promise<Transporter<{ message: unknown }>> | undefined
  // With the first message, because the library is large.
  const composer = () => composing ??= import('nodemailer').then(({ createTransport }) => createTransport({ streamTransport: true, buffer: true, newline: 'windows' }))

  const underway = new Map<Promise<void>, number>()
  const forgetStored = forgetFiles(dataDir)

  async function write (message: Parameters<Mailer['send']>[0]): Promise<void> {
    const { message: bytes } = await (await composer()).sendMail(render(message))
    const file = join(folder, `${wordOf(message.userId)}-${message.id}.eml`)
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

    async forget (userIds) {
      // What is being written must not come after the removal.
      await Promise.allSettled([...underway].filter(([, owner]) => userIds.includes(owner)).map(([writing]) => writing))
      await forgetStored(userIds)
    },

    owners: ownersOfFiles(dataDir),

    async trouble () {
      await access(folder, constants.W_OK | constants.X_OK)
      return undefined
    },

    async close () {},
  }
}

/** Removes the files of messages to these people, also after a change to SMTP. Throws at the end if some could not be removed. */
export function forgetFiles (dataDir: string): Mailer['forget'] {
  const folder = folderOf(dataDir)
  return async (userIds) => {
    const owners = new Set(userIds)
    const failures: unknown[] = []
    for await (const names of namesIn(folder)) {
      for (const name of names.filter((name) => owners.has(ownerOf(name)))) await rm(join(folder, name), { force: true }).catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map((error) => (error as Error).message).join('; '))
  }
}

/** Whose files are there, a page at a time, also after a change to SMTP. */
export function ownersOfFiles (dataDir: string): Mailer['owners'] {
  const folder = folderOf(dataDir)
  return async function * owners () {
    for await (const names of namesIn(folder)) yield [...new Set(names.flatMap((name) => OWNED.exec(name)?.[1] ?? []))].map(numberOf)
  }
}

async function * namesIn (folder: string): AsyncGenerator<string[]> {
  try {
    for await (const page of entriesOf(folder, FILES_AT_ONCE)) yield page.map(({ name }) => name)
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error
  }
}
