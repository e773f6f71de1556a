import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { Options } from '../../src/app.ts'
import { build, form, signUp } from '../helper.ts'
import { picture } from '../images/pictures.ts'

export interface Answer {
  status: number
  /** As they were sent, in their order, but for the time of day. */
  sent: string[]
  headers: Record<string, string | string[] | undefined>
  bytes: Buffer
}

/** A Visage on a socket, and ada with an avatar and a cover. */
export async function withPictures (t: Test, options: Options = {}) {
  const built = await build(t, options)
  const ada = await signUp(built, 'ada')
  const { payload, headers } = form([['avatar', { file: await picture() }], ['cover', { file: await picture({ width: 300 }) }]])
  await built.app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, payload, headers: { ...headers, ...ada.headers } })
  const media = join(built.dataDir, 'media')
  const nameOf = (kind: 'avatar' | 'cover') => readdirSync(join(media, `${kind}s`)).find((file) => /^[0-9a-f]{32}\.webp$/.test(file))?.slice(0, -5) ?? ''
  await built.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = built.app.server.address() as AddressInfo

  return {
    ...built,
    ada,
    media,
    avatar: nameOf('avatar'),
    cover: nameOf('cover'),
    /** Sends a path as it is written, which `inject` and `fetch` would tidy first. */
    ask: (path: string, headers: Record<string, string> = {}, method = 'GET') => ask(port, path, headers, method),
    /** Puts a file of so many bytes beside the pictures. */
    write (file: string, bytes: Buffer): { etag: string, modified: string } {
      writeFileSync(join(media, file), bytes)
      const { size, mtime } = statSync(join(media, file))
      return { etag: `"${size.toString(16)}-${mtime.getTime().toString(16)}"`, modified: mtime.toUTCString() }
    },
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
