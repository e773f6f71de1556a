import t from 'tap'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { form } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { filesOf } from '../images/sets.ts'
import { listen, settled, stagedIn } from './listening.ts'

/* The issue: "1,000 uploads by one person leave one set of files". Here a few of them; .ci/uploads.ts sends all. */

const UPLOADS = 40
const AT_ONCE = 4

t.test('many uploads by one person, several at a time, leave one set of files', async (t) => {
  const server = await listen(t)
  const { port, ada, families, core, dataDir } = server
  const file = await picture({ width: 8, height: 6 })
  const waiting = Array.from({ length: UPLOADS }, (_, at) => ({ family: families[at % 3] ?? families[0], kind: at % 4 === 3 ? 'cover' : 'avatar' })).values()
  const statuses: number[] = []
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const { family, kind } of waiting) {
      const { method, path, headers } = family as (typeof families)[number]
      const { payload, headers: type } = form([[kind, { file }]])
      const answer = await fetch(`http://127.0.0.1:${port}${path(ada.id)}`, { method, headers: { ...headers, ...type }, body: new Uint8Array(payload) })
      await answer.arrayBuffer()
      statuses.push(answer.status)
    }
  }))
  t.same(statuses, Array(UPLOADS).fill(200))

  const { avatar, cover } = await core.users.get(ada.id)
  const files = (folder: string) => readdirSync(join(dataDir, 'media', folder)).sort()
  t.same(await settled(() => files('avatars'), (found) => found.length === 5), filesOf('avatars', String(avatar)).sort())
  t.same(await settled(() => files('covers'), (found) => found.length === 3), filesOf('covers', String(cover)).sort())
  t.same(stagedIn(server), [])
  const { looked } = await core.fsck.run({ onFinding: (finding) => { t.fail(JSON.stringify(finding)) } })
  t.same(looked, { accounts: 1, pictures: 2, files: 8 })
})
