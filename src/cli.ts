#!/usr/bin/env node
// oxlint-disable-next-line import/no-unassigned-import -- it does its work by being loaded
import './needs-node.cjs'

/** What the package is called by starts the service as well; in a clone `npm start` does. */
if (process.argv[2] === 'serve') await import('./server.ts')
else await command()

/** Whoever reads may have had enough, as `head` has: the work goes on. Where what was asked for is lost in any other way, it is not done. */
function tellWhatIsLost (): void {
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return
    console.error(`what was asked for could not be printed: ${message}`)
    process.exitCode ||= 1
  })
  process.stderr.on('error', () => {})
}

async function command (): Promise<void> {
  tellWhatIsLost()
  // Before the rest is loaded, which is most of the work of a small backup.
  if (process.argv[2] === 'backup') (await import('./commands/background.ts')).goLast()
  const { run } = await import('./commands/run.ts')
  try {
    const output = { print: console.log, note: console.error, isTerminal: process.stdout.isTTY }
    const { says, exitCode, isError } = await run(process.argv.slice(2), process.env, output)
    if (isError) console.error(says)
    else if (says !== '') console.log(says)
    process.exitCode ||= exitCode
  } catch (error) {
    console.error(error)
    process.exitCode = 1
  }
}
