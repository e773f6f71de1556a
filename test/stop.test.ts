import t from 'tap'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { once } from 'node:events'
import { engine, placeOf, settingsOf } from './engines.ts'
import { folderFor, form, PASSWORD } from './helper.ts'
import { noise } from './images/pictures.ts'
import { startRude } from './mail/world.ts'
import { retried } from './retried.ts'
import { startProgram } from './program.ts'
import type { Program } from './program.ts'
import { openLine, requestOf, untilRefused } from './sockets/line.ts'
import { settled } from './sockets/listening.ts'

const DEADLINE_MS = 5_000
const APP = join(import.meta.dirname, '../src/app.ts')

/** Whether everything that was written is in the file of the database, and the file is nobody's any more. A database elsewhere is closed with the process. */
const isClosed = (dataDir: string): boolean => engine === 'PostgreSQL' || existsSync(join(dataDir, 'visage.db')) && !existsSync(join(dataDir, 'visage.db-wal'))
const portOf = async ({ said }: Program): Promise<number> => Number(/:(\d+)"/.exec(await said(/Visage listens on/))?.[1])

async function signUp (port: number): Promise<Record<string, string>> {
  const response = await fetch(`http://127.0.0.1:${port}/api/sign-up/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ username: 'ada', email: 'ada@example.com', password: PASSWORD }),
  })
  const { access } = await response.json() as { access: string }
  return { authorization: `Bearer ${access}` }
}

/** A request of which all but the last byte has been sent and received. */
async function begin (t: Parameters<typeof openLine>[0], port: number, dataDir: string, authorization: Record<string, string>) {
  const upload = form([['avatar', { file: await noise('png', 200, 200) }]])
  const line = await openLine(t, port)
  const [head, body] = requestOf('PATCH /api/v2/user/1/', { ...authorization, ...upload.headers }, upload.payload)
  line.send(head, body.slice(0, -1))
  await settled(() => readdirSync(join(dataDir, 'staging')), (files) => files.length > 0)
  return { ...line, finish: () => line.send(body.slice(-1)) }
}

t.test('a service that has time to stop says so before it takes no more requests', async (t) => {
  const program = startProgram(t, { ...settingsOf(folderFor(t)), VISAGE_DRAIN: '3s' })
  const port = await portOf(program)
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } })).status
  t.equal(await ask('/health/ready'), 200)
  program.child.kill('SIGTERM')
  await program.said(/"msg":"closing"/)
  t.same([await ask('/health/ready'), await ask('/health/live'), await ask('/api/profile/')], [503, 200, 401])
  t.same(await program.ended, [0, null])
})

t.test('D1 after SIGTERM a kept connection is answered once more', async (t) => {
  // Within the second that it is kept.
  const { answers, ...ends } = await retried(async () => {
    const dataDir = folderFor(t)
    const program = startProgram(t, settingsOf(dataDir))
    const port = await portOf(program)
    const kept = await openLine(t, port)
    kept.send(...requestOf('GET /health/live', {}))
    await kept.answers(1)
    program.child.kill('SIGTERM')
    await untilRefused(port)
    kept.send(...requestOf('GET /health/live', {}))
    const [answers, over] = [await kept.answers(2), await kept.over]
    kept.socket.end()
    return { answers, over, ended: await program.ended }
  }, ({ answers }) => answers.length === 2)
  t.same(ends, { over: 'end', ended: [0, null] })
  t.match(answers, [{ status: 200 }, { status: 200, headers: { connection: 'close' } }])
})

t.test('D2 a dribbling body and a silent mail server do not keep the database open', async (t) => {
  const ms = await retried(async () => {
    const dataDir = folderFor(t)
    const asked = Promise.withResolvers<void>()
    const mail = await startRude(t, () => { asked.resolve(); return null })
    const program = startProgram(t, { ...settingsOf(dataDir), VISAGE_SMTP_URL: `smtp://127.0.0.1:${mail.port}` })
    const port = await portOf(program)
    const dribbling = await begin(t, port, dataDir, await signUp(port))
    await asked.promise

    const began = performance.now()
    program.child.kill('SIGTERM')
    t.match(await dribbling.answers(1), [{ status: 408, headers: { connection: 'close' }, body: /"request_timeout"/ }], 'who dribbles hears of it')
    t.equal(await dribbling.over, 'end')
    dribbling.socket.end()
    t.same(await program.ended, [0, null])
    const ms = performance.now() - began
    t.ok(isClosed(dataDir))
    // On a busy machine the mail server's silence is told after it.
    t.ok(await program.said(/"the database is closed"/))
    return ms
  }, (ms) => ms < DEADLINE_MS)
  t.ok(ms < DEADLINE_MS, `over after ${Math.round(ms)} ms`)
})

t.test('D2 a signal while it starts is a stop like any other', async (t) => {
  const isListening = await retried(async () => {
    const dataDir = folderFor(t)
    const program = startProgram(t, settingsOf(dataDir))
    await settled(() => existsSync(join(dataDir, engine === 'SQLite' ? 'visage.db-wal' : 'media')), Boolean)
    const isListening = program.lines.some((line) => line.includes('listens'))
    program.child.kill('SIGTERM')
    t.same(await program.ended, [0, null])
    t.ok(isClosed(dataDir))
    return isListening
  }, (isListening) => !isListening)
  t.notOk(isListening, 'nobody listened yet')
})

t.test('D2 one stop may be asked for twice, as Ctrl-C under npm does', async (t) => {
  const dataDir = folderFor(t)
  const program = startProgram(t, settingsOf(dataDir))
  const port = await portOf(program)
  const upload = await begin(t, port, dataDir, await signUp(port))
  program.child.kill('SIGINT')
  await untilRefused(port)
  program.child.kill('SIGINT')
  program.child.kill('SIGTERM')
  upload.finish()
  t.match(await upload.answers(1), [{ status: 200, headers: { connection: 'close' } }])
  upload.socket.end()
  t.same(await program.ended, [0, null])
  t.ok(isClosed(dataDir))
})

t.test('D2 a process that simply ends leaves no database open, and no compiled code if it is not ours', async (t) => {
  const dataDir = folderFor(t)
  const program = `const { buildApp } = await import(process.argv[1])
    await buildApp({ ...JSON.parse(process.argv[2]), logLevel: 'silent' })
    process.exit((await import('node:module')).getCompileCacheDir() === undefined ? 3 : 4)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, APP, JSON.stringify(placeOf(dataDir))], { stdio: 'inherit', env: { ...process.env, NODE_COMPILE_CACHE: undefined } })
  t.same(await once(child, 'exit'), [3, null])
  t.ok(isClosed(dataDir))
})
