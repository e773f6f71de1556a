import { openService } from '../../src/app.ts'
import type { Config } from '../../src/config.ts'
import { OPERATOR } from '../../src/core/access.ts'
import { chunks, picture } from '../images/pictures.ts'

// Gives ada another avatar over a bucket, and dies on the way: before or behind the so-manieth request of a method that is about an
// avatar, or when somebody has been answered.
const [config, method, count, isBefore] = JSON.parse(process.argv[2] ?? '') as [Config, string, number, boolean]
const die = (): void => { process.kill(process.pid, 'SIGKILL') }

const { fetch } = globalThis
let [begun, answered] = [0, 0]
globalThis.fetch = async (asked, init) => {
  const isMeant = asked instanceof Request && asked.method === method && asked.url.includes('/avatars/')
  if (isMeant && isBefore && ++begun === count) die()
  const answer = await fetch(asked, init)
  if (isMeant && !isBefore && ++answered === count) die()
  return answer
}

const core = await openService({ config, exclusive: true })
const id = (await core.db.read.users.findByUsername('ada'))?.id ?? 0
await core.users.edit(OPERATOR, id, { avatar: await core.images.stage('avatar', chunks(await picture({ format: 'png', width: 64 }))) }, { family: 'test' })
if (method === '') die()
await core.collection.run()
