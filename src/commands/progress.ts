import type { Progress as BackedUp } from '../backup/progress.ts'
import type { Progress as Moved } from '../move/progress.ts'

const SAYS = { pictures: 'pictures', database: 'pages of the database', hashes: 'files read', rows: 'rows', proof: 'rows proved' }
type OnProgress = (progress: BackedUp | Moved) => void
/** Where nobody watches, one line a second is enough. */
const QUIET_MS = 1_000

/** Tells how far work is: in place on a terminal, by a line of JSON a second elsewhere. */
async function progressTo (note: (line: string) => void): Promise<{ onProgress: OnProgress, end: () => void }> {
  if (process.stderr.isTTY) {
    const spinner = (await import('yocto-spinner')).default({ stream: process.stderr }).start()
    return {
      onProgress ({ step, done, of }) { spinner.text = `${done} of ${of} ${SAYS[step]}` },
      end () { spinner.stop() },
    }
  }
  let last = performance.now()
  return {
    onProgress (progress) {
      if (performance.now() - last < QUIET_MS) return
      last = performance.now()
      note(JSON.stringify(progress))
    },
    end () {},
  }
}

/** Does work that may take long, and tells of it. */
export async function telling<T> (note: (line: string) => void, work: (onProgress: OnProgress) => Promise<T>): Promise<T> {
  const { onProgress, end } = await progressTo(note)
  try {
    return await work(onProgress)
  } finally {
    end()
  }
}
