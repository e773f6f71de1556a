import t from 'tap'
import { readFileSync, readdirSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { form } from '../helper.ts'
import { noise, picture } from '../images/pictures.ts'
import { settled } from '../sockets/listening.ts'
import { FAMILIES, NAMES, problem } from './families.ts'
import { createWorld } from './world.ts'

/* The issue: "child busy or dead: 503 with Retry-After, row unchanged; never another 5xx". */

/** The process that decodes pictures, our only child; 0 while there is none. */
function imageProcess (): number {
  const pids = readdirSync('/proc/self/task').map((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim())
  return Number(pids.join(' ').trim().split(' ')[0] ?? 0)
}

/** Hundredths of a second that a process has worked; undefined when it is gone. */
function workOf (pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return Number(fields[11]) + Number(fields[12])
  } catch {
    return undefined
  }
}

/** Reading a header takes a few milliseconds; who has worked so long is decoding. */
const DECODING = 4
const photo = await noise('jpeg', 2_400, 2_400)

for (const family of NAMES) {
  await t.test(`${family}: the image process dies in the middle of its work`, async (t) => {
    const world = await createWorld(t)
    const { app, store, ada } = world
    const small = form([['username', 'after'], ['avatar', { file: await picture() }]])
    const large = form([['username', 'lost'], ['avatar', { file: photo }]])
    const send = ({ payload, headers }: typeof small) => app.inject({ ...FAMILIES[family].edit(ada.id), headers: { ...FAMILIES[family].actor(world), ...headers }, payload })
    t.equal((await send(small)).statusCode, 200, 'it is at work')
    const pid = imageProcess()
    const idle = workOf(pid) ?? 0
    const before = store.dump()
    const files = () => ['staging', 'media/avatars', 'media/covers'].map((folder) => readdirSync(`${world.dataDir}/${folder}`).sort())
    const lay = files()

    const asked = send(large)
    while ((workOf(pid) ?? Infinity) - idle < DECODING) await nextTurn()
    process.kill(pid, 'SIGKILL')
    const response = await asked

    t.equal(response.statusCode, 503)
    t.match(response.headers['retry-after'], /^[1-9]\d*$/)
    t.same(response.json(), problem(family, 'unavailable', 'The service is busy. Try again in a moment.'))
    t.strictSame(store.dump(), before)
    // What was uploaded goes right after the answer.
    t.same([lay[0], await settled(files, ([staged]) => staged?.length === 0)], [[], lay])
    t.equal((await send(small)).statusCode, 200, 'the next one finds another')
    t.not(imageProcess(), pid)
  })
}
