import { join } from 'node:path'
import type { Test } from 'tap'
import { openService } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { actingAs, OPERATOR } from '../../src/core/access.ts'
import type { Changes } from '../../src/core/fields/index.ts'
import { chunks, picture } from '../images/pictures.ts'
import { setsIn } from '../images/sets.ts'
import { openSql, placeOf } from '../engines.ts'
import { folderFor } from '../helper.ts'

/** The core on a folder of its own, with ada in it, and the files that lie below it. */
export async function openWorld (t: Test, log?: Parameters<typeof openService>[0]['log']) {
  const dataDir = folderFor(t)
  const core = await openService({ config: { ...loadConfig(), ...placeOf(dataDir) }, exclusive: true, log })
  t.teardown(() => core.close())
  const file = openSql(dataDir, { timeout: 0 })
  t.teardown(() => { file.close() })
  /** Somebody new, who can act. */
  async function person (username: string, roles: Changes = {}) {
    const account = await core.users.create(OPERATOR, { username, email: `${username}@example.com`, ...roles }, { family: 'operator' })
    return { ...account, ...actingAs(account) }
  }

  return {
    ...core,
    dataDir,
    file,
    person,
    ada: await person('ada'),
    /** An upload; `whole: false` has a good header and a cut-off end. */
    async upload (kind: 'avatar' | 'cover', { whole = true, width = 64 } = {}) {
      const bytes = await picture({ format: whole ? 'png' : 'avif', width })
      return await core.images.stage(kind, chunks(whole ? bytes : bytes.subarray(0, -10)))
    },
    /** Does something while a picture of `slow` is being made: `slow` has read what it goes by, and has written nothing. */
    async meanwhile <T> (slow: () => Promise<T>, quick: () => unknown): Promise<T> {
      const { images } = core
      const { publish } = images
      const [asked, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      images.publish = async (...picture) => {
        const made = publish(...picture)
        asked.resolve()
        await done.promise
        return await made
      }
      try {
        const running = slow()
        await Promise.race([asked.promise, running])
        await quick()
        done.resolve()
        return await running
      } finally {
        images.publish = publish
      }
    },
    row: (id: number): unknown => file.prepare('select * from users where id = ?').get(id),
    /** Every file of an upload, and every picture by its main file when all its sizes are there. */
    files: () => ['staging', 'media/avatars', 'media/covers'].flatMap((folder) => setsIn(join(dataDir, folder)).map((name) => `${folder}/${name}`)).sort(),
  }
}
