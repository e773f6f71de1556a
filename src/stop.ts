/**
 * A stop in milliseconds from its beginning: by when each thing that closes has to be done. All of them begin at once,
 * and none may use up the time of the database, which closes last and whatever the others do.
 */
export const STOP = {
  /** Until then a connection that lies idle may ask once more; then it ends. */
  idle: 1_000,
  /** What has not come from outside by then is not waited for: a body, a mail server's answer, another issuer's keys. */
  arriving: 2_500,
  /** What has not had its turn by then is refused: pictures and searches. */
  waiting: 3_500,
  /** Connections that are still open are cut. */
  connections: 4_000,
  /** What is below the routes is not waited for any longer. */
  core: 4_300,
  /** The database closes, whatever still runs on it. */
  database: 4_600,
  /** The process ends. */
  process: 5_000,
} as const

/** Resolves when the work has ended, in whatever way, or without it after so many milliseconds. */
export async function atMost (ms: number, work: Promise<unknown>): Promise<void> {
  const { promise: isOver, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([Promise.allSettled([work]), isOver])
  clearTimeout(timer)
}
