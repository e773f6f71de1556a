// oxlint-disable-next-line import/no-unassigned-import -- it does its work by being loaded
import './needs-node.cjs'

const { run } = await import('./commands/run.ts')

try {
  const { says, exitCode, isError } = await run(process.argv.slice(2), process.env, console.error)
  if (isError) console.error(says)
  else console.log(says)
  process.exitCode = exitCode
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
