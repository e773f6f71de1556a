// What a person saves by a form with a file in it: a photo, nothing new, what is no picture, what is too large, and what the
// other tab has changed meanwhile. Each tells which answers it provoked, as the console has them.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expire } from './browser-refreshes.ts'
import type { Tab } from './browser-tab.ts'

const TOO_LARGE = 20 * 1_024 ** 2
const SAVED = '/api/profile/{id}/update/'
const NOT_AN_IMAGE = 'Upload a valid image. The file you uploaded was either not an image or a corrupted image.'
export const TAKEN = 'A user with that username already exists.'

/** `taken` is the username of somebody else, `folder` one for the files. */
export async function upload (tab: Tab, { api, taken, folder }: { api: string, taken: string, folder: string }): Promise<string[]> {
  const { page, submit, words } = tab
  const photo = await sharp({ create: { width: 1_600, height: 1_200, channels: 3, background: '#888', noise: { type: 'gaussian', mean: 128, sigma: 40 } } }).jpeg({ quality: 95 }).toBuffer()
  const files = { photo: join(folder, 'photo.jpg'), text: join(folder, 'text.png'), large: join(folder, 'large.jpg') }
  writeFileSync(files.photo, photo)
  writeFileSync(files.text, 'not a picture')
  writeFileSync(files.large, Buffer.concat([photo, Buffer.alloc(TOO_LARGE)]))

  // It is refused before it has arrived, and the page sends it again.
  await expire(tab)
  await submit('profile', { first_name: 'Ada', avatar: files.photo })
  assert.equal(await words('profile', 'detail'), '')
  const address = await page.getAttribute('#picture', 'src')
  assert.ok(address?.startsWith(`${api}/media/avatars/`), `the picture is at ${address}`)
  await page.waitForFunction("document.querySelector('#picture').complete")
  assert.ok(await page.evaluate<number>("document.querySelector('#picture').naturalWidth") > 0, 'the browser does not show the picture')
  // By now the browser keeps a copy, which it got without naming its origin.
  assert.equal(await page.evaluate(`fetch('${address}').then((response) => response.blob()).then(({ type }) => type)`), 'image/webp')
  await submit('profile', { first_name: 'Augusta Ada' })
  assert.equal(await page.getAttribute('#picture', 'src'), address, 'a file input that was not touched changed the avatar')

  await submit('profile', { username: taken, avatar: files.text })
  assert.deepEqual([await words('profile', 'username'), await words('profile', 'avatar')], [TAKEN, NOT_AN_IMAGE])
  await submit('again')
  await submit('profile', { avatar: files.large })
  assert.match(await words('profile', 'detail'), /^The request is too large: .* The avatar may have 8388608 bytes\./)
  return [`400 ${SAVED}`, `413 ${SAVED}`]
}

/** What one tab has changed the other does not overwrite before it has seen it. */
export async function saveStale ({ submit, words }: Tab): Promise<string[]> {
  await submit('profile', { first_name: 'Byron' })
  assert.match(await words('profile', 'detail'), /^Your profile was changed somewhere else/)
  await submit('again')
  await submit('profile', { first_name: 'Ada' })
  assert.equal(await words('profile', 'detail'), '')
  return [`412 ${SAVED}`]
}
