import type { Dirent } from 'node:fs'
import { open, opendir } from 'node:fs/promises'

/** Makes the names in a folder durable: without it a renamed file can be gone after a power cut. */
export async function syncFolder (folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes a file of its owner's and makes its bytes durable. */
export async function writeDurably (file: string, bytes: string | Uint8Array): Promise<void> {
  const handle = await open(file, 'w', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The entries of a folder, a page at a time: a folder may hold millions, which would fill the memory and block the event loop. */
export async function * entriesOf (folder: string, most: number): AsyncGenerator<Dirent[]> {
  let page: Dirent[] = []
  for await (const entry of await opendir(folder, { bufferSize: most })) {
    page.push(entry)
    if (page.length < most) continue
    yield page
    page = []
  }
  yield page
}
