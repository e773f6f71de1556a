import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { Options } from '../../src/app.ts'
import { newBucket, objectsAt, openBucket } from '../bucket.ts'
import { beside } from '../engines.ts'
import { build, form, signUp } from '../helper.ts'
import { picture } from '../images/pictures.ts'

export interface Answer {
  status: number
  /** As they were sent, in their order, but for the time of day. */
  sent: string[]
  headers: Record<string, string | string[] | undefined>
  bytes: Buffer
}

/** Where pictures lie, and how a test makes that so. `withPictures` takes what it opens. */
export const STORES: Record<string, (t: Test) => Promise<{ storeUrl?: string }>> = {
  'the folder': async () => ({}),
  'a bucket': async (t) => ({ ...beside, storeUrl: process.env['VISAGE_TEST_S3'] === undefined ? (await openBucket(t)).addressOf() : await newBucket(process.env['VISAGE_TEST_S3']) }),
}

interface Files {
  read: (file: string) => Promise<Buffer>
  write: (file: string, bytes: Buffer) => Promise<{ etag: string, modified: string }>
  remove: (file: string) => Promise<void>
}

/** What lies in a store, past the service. */
function filesOf (media: string, storeUrl: string | undefined): Files {
  const told = ({ bytes, at }: { bytes: number, at: Date }) => ({ etag: `"${bytes.toString(16)}-${at.getTime().toString(16)}"`, modified: at.toUTCString() })
  if (storeUrl !== undefined) {
    const objects = objectsAt(storeUrl)
    return {
      read: objects.read,
      remove: objects.remove,
      async write (file, bytes) {
        await objects.write(file, bytes)
        return told(await objects.stat(file))
      },
    }
  }
  return {
    read: async (file) => readFileSync(join(media, file)),
    remove: async (file) => { rmSync(join(media, file)) },
    async write (file, bytes) {
      writeFileSync(join(media, file), bytes)
      const { size, mtime } = statSync(join(media, file))
      return told({ bytes: size, at: mtime })
    },
  }
}

/** A Visage on a socket, and ada with an avatar and a cover. */
export async function withPictures (t: Test, options: Options = {}) {
  const built = await build(t, options)
  const ada = await signUp(built, 'ada')
  const { payload, headers } = form([['avatar', { file: await picture() }], ['cover', { file: await picture({ width: 300 }) }]])
  await built.app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, payload, headers: { ...headers, ...ada.headers } })
  const media = join(built.dataDir, 'media')
  const { avatar, cover } = await built.core.users.get(ada.id)
  await built.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = built.app.server.address() as AddressInfo

  return {
    ...built,
    ada,
    media,
    avatar: String(avatar),
    cover: String(cover),
    /** Sends a path as it is written, which `inject` and `fetch` would tidy first. */
    ask: (path: string, headers: Record<string, string> = {}, method = 'GET') => ask(port, path, headers, method),
    ...filesOf(media, options.storeUrl),
  }
}

async function ask (port: number, path: string, sending: Record<string, string>, method: string): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers: sending }, (answer) => {
      const { statusCode: status = 0, rawHeaders } = answer
      const { date, ...headers } = answer.headers
      const sent = rawHeaders.flatMap((name, i) => i % 2 === 0 && name.toLowerCase() !== 'date' ? [`${name}: ${rawHeaders[i + 1]}`] : [])
      buffer(answer).then((bytes) => resolve({ status, sent, headers, bytes }), reject)
    }).on('error', reject).end()
  })
}
