/** How far work is that goes on for a while: so many of so many, of one kind of thing. */
export interface Progress { step: 'pictures' | 'database' | 'hashes', done: number, of: number }
export type OnProgress = (progress: Progress) => void

/** A process that does its work on the disk at once looks up so often, to tell how far it is and to hear signals. */
const AT_ONCE = 500

/** Goes through a list, and looks up now and then. */
export async function inSteps<T> (step: Progress['step'], list: readonly T[], onProgress: OnProgress, work: (one: T) => void): Promise<void> {
  for (const [at, one] of list.entries()) {
    work(one)
    if (at % AT_ONCE !== AT_ONCE - 1) continue
    onProgress({ step, done: at + 1, of: list.length })
    await new Promise(setImmediate)
  }
}
