// What an upload costs beside its pictures, and what uploads cost everybody else, as ratios within one run: see README.md.
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createPeople, startService } from '../.ci/service.ts'
import type { Person } from '../.ci/service.ts'
import { decoder } from '../src/images/decoder.ts'
import { BOUNDS, SIZES } from '../src/images/formats.ts'
import { WEBP, WEBP_SMALL } from '../src/images/variants.ts'
import { sequence } from '../test/seeded.ts'

const { values: { rounds } } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } })
const ROUNDS = Number(rounds)
const BLOCK_MS = 4_000
const GETS_PER_S = 200
const UPLOADERS = 4

const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const dataDir = mkdtempSync(join(tmpdir(), 'visage-bench-'))
const people = await createPeople(dataDir, UPLOADERS + 20)
const { url, end } = await startService({ dataDir })
try {
  const result: Record<string, number> = {}
  for (const megabytes of [1, 5]) {
    const photo = await photoOf(megabytes)
    const body = multipart(photo)
    const times = { upload: [] as number[], alone: [] as number[], sideBySide: [] as number[] }
    for (let i = -2; i < ROUNDS; i++) {
      const alone = await timed(() => sharpAlone(photo, inSequence))
      const upload = await timed(() => send(people[0]!, body))
      const sideBySide = await timed(() => sharpAlone(photo, atOnce))
      // The first rounds open what stays open.
      if (i < 0) continue
      times.alone.push(alone)
      times.upload.push(upload)
      times.sideBySide.push(sideBySide)
    }
    console.log(`${(photo.length / 1e6).toFixed(2)} MB: upload ${p(0.5, times.upload)} ms, sharp alone ${p(0.5, times.alone)} ms, its encodes side by side ${p(0.5, times.sideBySide)} ms`)
    // Of neighbours, because what else the machine does changes from one round to the next.
    const ratio = (others: number[]) => round(Number(p(0.5, others.map((other, i) => other / times.upload[i]!))))
    result[`ofSharpInSequence${megabytes}MB`] = ratio(times.alone)
    result[`ofSharpSideBySide${megabytes}MB`] = ratio(times.sideBySide)
  }

  const body = multipart(await photoOf(1))
  const quiet: number[] = []
  const busy: number[] = []
  let uploads = 0
  await gets(BLOCK_MS)
  for (let i = 0; i < 4; i++) {
    quiet.push(...await gets(BLOCK_MS))
    let isOver = false
    const uploading = people.slice(0, UPLOADERS).map(async (person) => {
      for (; !isOver; uploads++) await send(person, body)
    })
    busy.push(...await gets(BLOCK_MS))
    isOver = true
    await Promise.all(uploading)
  }
  console.log(`GET profile: p50 ${p(0.5, quiet)} and p99 ${p(0.99, quiet)} ms, during ${uploads} uploads by ${UPLOADERS}: ${p(0.5, busy)} and ${p(0.99, busy)} ms`)
  console.log(JSON.stringify({ ...result, getP99Ratio: round(Number(p(0.99, busy)) / Number(p(0.99, quiet))) }))
} finally {
  agent.destroy()
  await end('SIGTERM')
  rmSync(dataDir, { recursive: true })
}

/** A picture of about so many bytes that is as hard to encode as a photo: light and shade, coarse and fine, and a little grain. */
async function photoOf (megabytes: number): Promise<Buffer> {
  const [width, height] = megabytes === 1 ? [2000, 1500] : [4000, 3000]
  const random = sequence(11)
  const sum = new Float32Array(width * height * 3)
  for (const cells of [3, 9, 27, 81, 243]) {
    const data = Buffer.from(Array.from({ length: cells * cells * 3 }, () => random(256)))
    const layer = await decoder(data, { raw: { width: cells, height: cells, channels: 3 } }).resize(width, height, { fit: 'fill', kernel: 'cubic' }).raw().toBuffer()
    for (let i = 0; i < sum.length; i++) sum[i]! += (layer[i]! - 128) / cells ** 0.4
  }
  const pixels = Buffer.alloc(sum.length)
  for (let i = 0; i < sum.length; i++) pixels[i] = Math.max(0, Math.min(255, 128 + sum[i]! + random(16)))
  const photo = decoder(pixels, { raw: { width, height, channels: 3 } })
  let [low, high] = [20, 100]
  // By halves, to the quality that makes the wanted size.
  while (high - low > 1) {
    const quality = (low + high) >> 1
    if ((await photo.clone().jpeg({ quality }).toBuffer()).length > megabytes * 1e6) high = quality
    else low = quality
  }
  return await photo.jpeg({ quality: low }).toBuffer()
}

/** The same decode and encodes, and nothing else. */
async function sharpAlone (photo: Buffer, inWhatWay: (encodes: (() => Promise<unknown>)[]) => Promise<void>): Promise<void> {
  const bounds = { width: BOUNDS.avatar, height: BOUNDS.avatar, fit: 'inside', withoutEnlargement: true } as const
  const { data, info: { width, height, channels } } = await decoder(photo, { failOn: 'error' }).autoOrient().resize(bounds).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  const main = () => decoder(data, { raw: { width, height, channels } })
  const side = Math.min(width, height)
  await inWhatWay([
    () => main().webp(WEBP).toBuffer(),
    ...SIZES.avatar.map((size) => () => main().extract({ left: 0, top: 0, width: side, height: side }).resize({ width: size, height: size }).webp(WEBP_SMALL).toBuffer()),
  ])
}

async function inSequence (encodes: (() => Promise<unknown>)[]): Promise<void> {
  for (const encode of encodes) await encode()
}

async function atOnce (encodes: (() => Promise<unknown>)[]): Promise<void> {
  await Promise.all(encodes.map((encode) => encode()))
}

function multipart (photo: Buffer) {
  const boundary = 'visage-bench-boundary'
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="avatar"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`
  return { type: `multipart/form-data; boundary=${boundary}`, bytes: Buffer.concat([Buffer.from(head), photo, Buffer.from(`\r\n--${boundary}--\r\n`)]) }
}

function send ({ id, key }: Person, { type, bytes }: ReturnType<typeof multipart>): Promise<void> {
  return ask('PATCH', `/api/v2/user/${id}/`, { 'authorization': `Token ${key}`, 'content-type': type, 'content-length': String(bytes.length) }, bytes)
}

/** Milliseconds of `GET` profile at a steady rate, however long the answers take. */
async function gets (ms: number): Promise<number[]> {
  const began = performance.now()
  const answers: Promise<number>[] = []
  for (let i = 0; i < GETS_PER_S * ms / 1000; i++) {
    const wait = began + i * 1000 / GETS_PER_S - performance.now()
    if (wait > 0) await sleep(wait)
    const { id, key } = people[UPLOADERS + i % 20]!
    answers.push(timed(() => ask('GET', `/api/v2/user/${id}/`, { authorization: `Token ${key}` })))
  }
  return await Promise.all(answers)
}

function ask (method: string, path: string, headers: Record<string, string>, body?: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    request(`${url}${path}`, { method, headers, agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${method} ${path}: ${response.statusCode}`))
      response.resume().on('end', resolve)
    }).on('error', reject).end(body)
  })
}

async function timed (work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

function p (quantile: number, times: number[]): string {
  return (times.toSorted((a, b) => a - b)[Math.floor(quantile * times.length)] ?? NaN).toFixed(2)
}

function round (ratio: number): number {
  return Math.round(ratio * 100) / 100
}
