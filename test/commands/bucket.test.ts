import t from 'tap'
import { openService, OPERATOR } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { newName } from '../../src/images/staging.ts'
import { objectsAt, openBucket, SECRET } from '../bucket.ts'
import { placeOf } from '../engines.ts'
import { folderFor } from '../helper.ts'
import { chunks, picture } from '../images/pictures.ts'
import { visage } from './visage.ts'

t.test('over a bucket each command works, or says what to use instead, and none tells the secret', async (t) => {
  const bucket = await openBucket(t)
  const [dataDir, storeUrl] = [folderFor(t), bucket.addressOf()]
  const core = await openService({ config: { ...loadConfig(), ...placeOf(dataDir), storeUrl }, exclusive: true })
  t.teardown(() => core.close())
  await core.users.create(OPERATOR, { username: 'ada', avatar: await core.images.stage('avatar', chunks(await picture())) }, { family: 'test' })
  const said: string[] = []
  const run = async (...args: string[]) => {
    const outcome = await visage(dataDir, args, { VISAGE_STORE_URL: storeUrl })
    said.push(outcome.stdout, outcome.stderr)
    return outcome
  }

  for (const command of ['backup', 'backup drill', 'restore', 'import']) {
    const { code, stdout, stderr } = await run(...command.split(' '), folderFor(t))
    t.match([code, stdout, stderr], [2, '', new RegExp(`^${command} is for pictures in the data folder, and VISAGE_STORE_URL names a bucket: [^\\n]+\\n$`)], command)
  }
  const bytes = [...bucket.objects.values()].reduce((sum, object) => sum + object.bytes.length, 0)
  t.match(await run('disk', '--json'), { code: 0, stdout: new RegExp(`"avatars":${bytes},"covers":0`) })
  t.match(await run('settings'), { code: 0, stdout: /VISAGE_STORE_URL\s.*set/ })

  // What is on its way, what is on its way out, and what nobody knows.
  const { write, keys } = objectsAt(storeUrl)
  const [coming, going, unknown] = [newName(), newName(), newName()]
  for (const name of [coming, going, unknown]) await write(`avatars/${name}.webp`, Buffer.from('x'))
  await core.db.write(async (tx) => {
    await tx.coming.begin({ name: coming, kind: 'avatar', at: Date.now() })
    await tx.going.add([{ name: going, kind: 'avatar' }], Date.now() + 3_600_000)
  })
  const old = Date.now() - 3_600_000
  bucket.objects.get(`visage/avatars/${unknown}.webp`)?.at.setTime(old)
  bucket.objects.get(`visage/avatars/${coming}.webp`)?.at.setTime(old)
  t.match(await run('fsck'), { code: 1, stdout: new RegExp(`^a file that no row knows: avatar ${unknown}\\.webp\\n1 accounts, 1 pictures, 5 files: 1 wrong`) })
  t.match(await run('fsck', '--repair'), { code: 0, stdout: /1 wrong, 1 repaired, 0 left/ })
  t.notOk((await keys()).some((key) => key.includes(unknown)))
  t.equal((await keys()).filter((key) => key.includes(coming) || key.includes(going)).length, 2)
  for (const secret of [SECRET, encodeURIComponent(SECRET)]) t.notOk(said.join('\n').includes(secret))
})
