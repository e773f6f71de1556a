// The program of the child process: takes one job at a time from its parent and answers each with one message.
import { readFile, writeFile } from 'node:fs/promises'
import type { Job, Reply } from './child.ts'
import { decoder, FAIL_ON } from './decoder.ts'
import type { ImageFinding } from './errors.ts'
import { maxPixels } from './formats.ts'
import { judge } from './judge.ts'

async function run (job: Job): Promise<ImageFinding | undefined> {
  const bytes = await readFile(job.file)
  const verdict = await judge(bytes)
  if ('finding' in verdict) return verdict.finding
  if (job.type === 'judge') return undefined
  const { output, bound } = job
  let picture
  try {
    picture = await decoder(bytes, { failOn: FAIL_ON, limitInputPixels: maxPixels(verdict.header) })
      .autoOrient()
      .resize({ width: bound, height: bound, fit: 'inside', withoutEnlargement: true })
      .webp()
      .toBuffer()
  } catch {
    // Told by the place, not by the text: decoders have too many words for a broken picture.
    return { code: 'invalid_image' }
  }
  // Written here and not by sharp, so that a full disk does not look like a bad picture; flushed here, by the
  // handle that wrote, because that one is sure to learn of a failed write.
  await writeFile(output, picture, { flag: 'wx', mode: 0o644, flush: true })
  return undefined
}

// An idle child ends by itself without its parent. A busy one would first finish, with nobody left to stop it.
const die = process.kill.bind(process, process.pid, 'SIGKILL')

async function answer (job: Job): Promise<void> {
  process.on('disconnect', die)
  let reply: Reply
  try {
    const finding = await run(job)
    reply = finding ? { finding } : {}
  } catch (error) {
    const { message, code, errno, syscall } = error as NodeJS.ErrnoException
    reply = { error: { message, code, errno, syscall } }
  }
  process.off('disconnect', die)
  process.send!(reply)
}

process.on('message', (job: Job) => { void answer(job) })

// Ctrl-C and service managers signal the whole group; the parent decides when the last picture is done.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
