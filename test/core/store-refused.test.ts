import t from 'tap'
import type { Test } from 'tap'
import { openService, OPERATOR } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { openBucket, SECRET } from '../bucket.ts'
import { beside, placeOf } from '../engines.ts'
import { folderFor } from '../helper.ts'
import { chunks, picture } from '../images/pictures.ts'

const via = { family: 'test' }

/** What a server says that is to start over that store. */
async function refusal (t: Test, dataDir: string, storeUrl?: string, { exclusive = true } = {}): Promise<string> {
  try {
    const core = await openService({ config: { ...loadConfig(), ...placeOf(dataDir), ...beside, ...storeUrl !== undefined && { storeUrl } }, exclusive })
    await core.close()
    return 'nothing'
  } catch (error) {
    const { name, message } = error as Error
    t.notMatch(message, /\n/)
    t.notOk(message.includes(SECRET) || message.includes(encodeURIComponent(SECRET)))
    return `${name}: ${message}`
  }
}

t.test('a bucket that does not work ends the start in one line, which tells no secret', async (t) => {
  const bucket = await openBucket(t)
  const say = (storeUrl: string) => refusal(t, folderFor(t), storeUrl)
  const address = bucket.addressOf()
  t.equal(await say(address), 'nothing')
  t.same(bucket.keys(), [], 'it was not written to')
  t.equal(await say(bucket.addressOf('other')), 'ConfigError: VISAGE_STORE_URL: the store of pictures answered /probe with 404 NoSuchBucket')
  t.equal(await say(address.replace('visage:', 'wrong:')), 'ConfigError: VISAGE_STORE_URL: the store of pictures answered /probe with 403 InvalidAccessKeyId')
  bucket.trouble = ({ method }) => method === 'PUT' ? { status: 403, code: 'AccessDenied' } : undefined
  t.equal(await say(address), 'ConfigError: VISAGE_STORE_URL: the store of pictures answered /probe with 403 AccessDenied', 'one that may only read')
  t.match(await say('s3://s3.example.com/visage'), /^ConfigError: VISAGE_STORE_URL: has no key and secret, and neither have AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY$/)
  t.match(await say(`${address}&acl=public`), /^ConfigError: VISAGE_STORE_URL: has a parameter other than/)
  await bucket.close()
  t.match(await say(address), /^ConfigError: VISAGE_STORE_URL: the store of pictures did not answer \/probe: ECONNREFUSED$/)
})

t.test('a service whose pictures are elsewhere does not start', async (t) => {
  const bucket = await openBucket(t)
  const [one, other] = [bucket.addressOf(), await bucket.another()]
  /** A service with a picture, which lies there. */
  async function pictured (storeUrl?: string): Promise<string> {
    const dataDir = folderFor(t)
    const core = await openService({ config: { ...loadConfig(), ...placeOf(dataDir), ...beside, ...storeUrl !== undefined && { storeUrl } }, exclusive: true })
    const avatar = await core.images.stage('avatar', chunks(await picture()))
    await core.users.create(OPERATOR, { username: 'ada', avatar }, via)
    await core.close()
    return dataDir
  }
  const dataDir = folderFor(t)
  for (const storeUrl of [one, undefined, one, other]) t.equal(await refusal(t, dataDir, storeUrl), 'nothing', 'without pictures it may be anywhere')
  t.equal(await refusal(t, dataDir, one, { exclusive: false }), 'nothing', 'a command may be the first')
  t.equal(await refusal(t, dataDir, one), 'nothing')
  const running = await openService({ config: { ...loadConfig(), ...placeOf(dataDir), storeUrl: one }, exclusive: true })
  t.match(await refusal(t, dataDir, undefined, { exclusive: false }), /^FolderError: the running server keeps pictures in s3:\S+\/visage, and the settings say the data folder: /)
  await running.close()
  const inFolder = await pictured()
  t.match(await refusal(t, inFolder, one), /^FolderError: the pictures of this service are in the data folder, and the settings say s3:\/\/127\.0\.0\.1:\d+\/visage: /)
  t.equal(await refusal(t, inFolder), 'nothing')
  const inBucket = await pictured(one)
  t.match(await refusal(t, inBucket), /^FolderError: the pictures of this service are in s3:\/\/127\.0\.0\.1:\d+\/visage, and the settings say the data folder: /)
  t.match(await refusal(t, inBucket, other), /^FolderError: the pictures of this service are in s3:\S+\/visage, and the settings say s3:\S+\/other: /)
  t.equal(await refusal(t, inBucket, one), 'nothing')
  t.match(await refusal(t, folderFor(t), one), /^FolderError: s3:\/\/\S+\/visage holds pictures, and this service has none: /)
})
