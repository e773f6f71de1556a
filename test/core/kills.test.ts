import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { openService } from '../../src/app.ts'
import type { Service } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { OPERATOR } from '../../src/core/access.ts'
import { newBucket, objectsAt, openBucket } from '../bucket.ts'
import { placeOf } from '../engines.ts'
import { folderFor } from '../helper.ts'
import { chunks, picture } from '../images/pictures.ts'
import { generated } from '../volume.ts'

const HOUR_MS = 3_600_000
/** Where the process dies: at which request, before it is sent or behind its answer; and whether ada has the new picture then. */
const PLACES = ([
  ['in the middle of the objects', 'PUT', 3, false, false], ['behind the commit', '', 0, false, true], ['when a part of the old one is removed', 'DELETE', 2, false, true],
  ['behind the note', 'PUT', 1, true, false], ['behind the last object', 'PUT', 5, false, undefined], ['before the old one is removed', 'DELETE', 1, true, true], ['when all of it is', 'DELETE', 5, false, true],
] as const).slice(0, generated(7, 3))

t.test('killed at any place, there is no row without its objects, and no object without its row when it was collected', async (t) => {
  const given = process.env['VISAGE_TEST_S3']
  const storeUrl = given === undefined ? (await openBucket(t)).addressOf() : await newBucket(given)
  const config = { ...loadConfig(), ...placeOf(folderFor(t)), storeUrl }
  /** A server of PostgreSQL learns a moment later who has died. */
  async function open (giveUp = Date.now() + 10_000): Promise<Service> {
    try {
      return await openService({ config, exclusive: true })
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'INSTANCE_LOCKED' || Date.now() > giveUp) throw error
      await nextTurn()
      return await open(giveUp)
    }
  }
  const first = await open()
  const upload = async () => await first.images.stage('avatar', chunks(await picture({ format: 'png', width: 64 })))
  await first.users.create(OPERATOR, { username: 'ada', avatar: await upload() }, { family: 'test' })
  let shown = (await first.db.read.users.findByUsername('ada'))?.avatar
  await first.close()

  for (const [place, method, count, isBefore, isNew] of PLACES) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'killed.ts'), JSON.stringify([config, method, count, isBefore])], { stdio: ['ignore', 'ignore', 'inherit'] })
    t.same(await once(child, 'exit'), [null, 'SIGKILL'], place)
    const core = await open()
    const { avatar } = await core.db.read.users.findByUsername('ada') ?? {}
    if (isNew !== undefined) t.equal(avatar !== shown, isNew, place)
    shown = avatar
    const found: string[] = []
    const look = async () => { await core.fsck.run({ onFinding: ({ code }) => { found.push(code) } }) }
    await look()
    // As if an hour had passed.
    for (const one of await core.db.read.coming.stale(Date.now(), 100)) await core.db.write((tx) => tx.coming.begin({ ...one, at: Date.now() - 2 * HOUR_MS }))
    for (const one of await core.db.write((tx) => tx.going.claim(Date.now() + HOUR_MS, 0, 100))) t.not(one.name, avatar)
    await core.collection.run()
    await look()
    t.same(found, [], place)
    t.same((await objectsAt(storeUrl).keys()).map((key) => key.slice('avatars/'.length, 'avatars/'.length + 32)), Array.from({ length: 5 }, () => avatar), place)
    t.same([await core.db.read.coming.stale(Date.now(), 1), await core.db.read.going.count()], [[], 0], place)
    await core.close()
  }
})
