import { close, constants, createReadStream, fstat, open as openFile, read } from 'node:fs'
import { access, lstat, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { bytesIn, entriesOf, refuseMount, syncFolder } from '../../disk.ts'
import { damaged, full } from '../errors.ts'
import { fileName, parseFileName } from '../formats.ts'
import { foldersOf, mediaOf } from './folder.ts'
import type { PictureFile, Store, Stored } from './index.ts'
import { sharing } from './sharing.ts'

/** What waits for a writer, as a pipe does, is opened at once and found to be no file. */
const READ_NO_LINK = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** The store in a data folder, whose folders are there. */
export function diskIn (dataDir: string): Store {
  const folders = foldersOf(resolve(dataDir))
  const settled = { avatar: sharing(() => syncFolder(folders.avatar)), cover: sharing(() => syncFolder(folders.cover)) }
  const at = ({ kind, name, size }: PictureFile): string => join(folders[kind], fileName(name, size))

  return {
    root: mediaOf(resolve(dataDir)),
    isTracked: false,

    async put (picture, files) {
      try {
        for (const { size, file } of files) await rename(file, at({ ...picture, size }))
        await settled[picture.kind]()
      } catch (error) {
        throw inWords(error)
      }
    },

    async open (file, range) {
      const path = at(file)
      const fd = await unlessMissing(promisify(openFile)(path, READ_NO_LINK))
      if (fd === undefined) return undefined
      try {
        const stored = storedOf(path, await promisify(fstat)(fd))
        return { ...stored, body: createReadStream(path, { fd, fs: READING, start: range?.from ?? 0, ...range && { end: range.to } }) }
      } catch (error) {
        await promisify(close)(fd)
        throw error
      }
    },

    async stat (file) {
      const found = await unlessMissing(lstat(at(file)))
      return found && storedOf(at(file), found)
    },

    async * list (kind, { most, after = '' }) {
      for await (const page of entriesOf(folders[kind], most)) {
        yield page.filter(({ name }) => name > after).map((entry) => ({ file: entry.name, ...entry.isFile() && parseFileName(entry.name) }))
      }
    },

    remove: (file) => rm(at(file), { force: true }),

    async probe () {
      for (const folder of Object.values(folders)) await access(folder, constants.W_OK | constants.X_OK)
    },

    usage: (kind) => bytesIn(folders[kind]),
  }
}

/** Makes the folders where they are missing, durably, and refuses those that nothing could be renamed into from elsewhere in the data folder. */
export async function openDisk (dataDir: string): Promise<Store> {
  const root = resolve(dataDir)
  const all = [mediaOf(root), ...Object.values(foldersOf(root))]
  const first = await mkdir(root, { recursive: true })
  for (const folder of all) await mkdir(folder, { recursive: true })
  for (const folder of all) await refuseMount(folder, root)
  await syncFolder(mediaOf(root))
  await syncFolder(root)
  if (first !== undefined) {
    for (let made = root; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
  }
  return diskIn(root)
}

/** Whether anything was ever published here that is still there. Makes nothing. */
export async function holdsPictures (dataDir: string): Promise<boolean> {
  for (const folder of Object.values(foldersOf(resolve(dataDir)))) {
    if (await unlessMissing(lstat(folder)) === undefined) continue
    for await (const page of entriesOf(folder, 1)) if (page.length > 0) return true
  }
  return false
}

/** A link would lead out of the folder, and we make none. */
function storedOf (path: string, found: { size: number, mtime: Date, isFile: () => boolean }): Stored {
  if (!found.isFile()) throw damaged(`${path} is not a plain file`)
  return { bytes: found.size, writtenAt: found.mtime.getTime() }
}

async function unlessMissing<T> (looking: Promise<T>): Promise<T | undefined> {
  try {
    return await looking
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw inWords(error)
  }
}

/** A link that was not followed, and what the disk itself cannot read any more. */
const DAMAGED = new Set(['ELOOP', 'EIO'])
const FULL = new Set(['ENOSPC', 'EDQUOT'])

function inWords (error: unknown): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException
  return DAMAGED.has(code) ? damaged(message, error) : FULL.has(code) ? full(message, error) : error
}

const READING = {
  close,
  read: (fd: number, into: Buffer, offset: number, length: number, position: number | null, done: (error: Error | null, bytes: number, into: Buffer) => void) => {
    read(fd, into, offset, length, position, (error, bytes) => { done(error && inWords(error) as Error, bytes, into) })
  },
}
