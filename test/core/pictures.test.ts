import t from 'tap'
import { createPictures } from '../../src/core/pictures/index.ts'
import { createPlaces } from '../../src/core/limits/places.ts'
import { openWorld } from './world.ts'

t.test('a published picture stays when nobody knows whether its row was written', async (t) => {
  const { db, images, upload, files } = await openWorld(t)
  const pictures = createPictures({ db, images, places: createPlaces({ all: 1, share: 1, atOnce: 1 }) })
  for (const [code, isKept] of [['DATABASE_UNCERTAIN', true], ['DATABASE_FULL', false], ['DATABASE_BUSY', false], [undefined, false]] as const) {
    const before = files().length
    const published = await pictures.publish({ avatar: await upload('avatar') })
    await t.rejects(pictures.keptOnlyIf(published, Promise.reject(Object.assign(new Error('no'), { code }))), { code })
    t.equal(files().length - before, isKept ? 1 : 0, String(code))
  }
})
