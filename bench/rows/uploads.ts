import { readFileSync } from 'node:fs'
import { watch } from '../../.ci/watch.ts'
import type { Program } from '../peers/index.ts'
import { photoOf, sharpAlone, upload } from '../photos.ts'
import { KINDS } from '../requests.ts'
import { median } from '../row.ts'
import type { Figures, Work } from '../row.ts'
import { steadily } from '../steady.ts'
import { READS_PER_S } from './sign-in.ts'

const PAIRS = 5
const [FOUR, EIGHT] = [4, 8]

const photos = new Map<number, Promise<Buffer>>()
function photo (megabytes: number): Promise<Buffer> {
  const made = photos.get(megabytes) ?? photoOf(megabytes)
  photos.set(megabytes, made)
  return made
}

/** The first people of the file. */
const people = ({ tokens }: Program, count: number) => readFileSync(tokens, 'latin1').split('\n', count).map((line) => {
  const [id = '', key = ''] = line.split(/ +/)
  return { id, key }
})

async function whileUploading<T> (program: Program, count: number, work: () => Promise<T>): Promise<T> {
  let isOver = false
  const bytes = await photo(1)
  const uploading = Promise.all(people(program, count).map(async (person) => { while (!isOver) await upload({ ...person, url: program.url, photo: bytes }) }))
  const done = await Promise.race([work(), uploading.then(() => { throw new Error('uploads ended') })])
  isOver = true
  await uploading
  return done
}

/** Uploads a second of each size, one after the other, of neighbours; then the milliseconds until each size can be seen. */
export const uploads: Work['measure'] = async ({ world }) => {
  const program = await world.own('Visage on all cores')
  const [person = { id: '', key: '' }] = people(program, 1)
  const [rates, visible]: [Figures[], Figures[]] = [[], []]
  for (const megabytes of [1, 5]) {
    const bytes = await photo(megabytes)
    const [ours, seen, alone]: [number[], number[], number[]] = [[], [], []]
    // The first pair opens what stays open.
    for (let i = 0; i <= PAIRS; i++) {
      const begin = performance.now()
      await sharpAlone(bytes)
      const between = performance.now()
      const { ms, visibleMs } = await upload({ ...person, url: program.url, photo: bytes })
      if (i === 0) continue
      alone.push(between - begin)
      ours.push(ms)
      seen.push(visibleMs)
    }
    rates.push({ 'Visage': 1_000 / median(ours), 'sharp alone': 1_000 / median(alone) })
    visible.push({ 'Visage': median(seen), 'sharp alone': median(alone) })
  }
  return [...rates, ...visible]
}

/** p99 of reading while four upload. */
export const readsBeside: Work['measure'] = async ({ world }) => {
  const program = await world.own('Visage on all cores')
  const reads = () => steadily({ url: program.url, who: program.tokens, requests: [KINDS.get(program.dialect)], perSecond: READS_PER_S, warmUpS: 1, seconds: world.seconds })
  const quiet = await reads()
  const busy = await whileUploading(program, FOUR, reads)
  return [{ Visage: busy.p99, quiet: quiet.p99 }]
}

/** The most that all processes of the service have in memory while eight upload. */
export const memory: Work['measure'] = async ({ world }) => {
  const program = await world.own('Visage on all cores')
  return [{ Visage: await whileUploading(program, EIGHT, async () => {
    const watching = watch(program)
    await new Promise((resolve) => { setTimeout(resolve, world.seconds * 2_000) })
    return (await watching.end()).peakMB
  }) }]
}
