import t from 'tap'
import type { Test } from 'tap'
import { form } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { withPictures } from './media.ts'

const MINUTE = 60
const WINDOW = 15 * MINUTE
const NOT_FOUND = { status: 404, headers: { 'cache-control': 'no-store' } }

/** A clock that stands five minutes into a window, and goes when it is told to. */
function standingClock (t: Test): (seconds: number) => void {
  let now = Math.floor(Date.now() / 1000 / WINDOW) * WINDOW + 5 * MINUTE
  t.intercept(Date, 'now', { value: () => now * 1000 })
  return (seconds) => { now += seconds }
}

interface Images { avatar: { main: { url: string }, sizes: { url: string }[] }, cover: { main: { url: string }, sizes: { url: string }[] } }

async function privately (t: Test) {
  const skip = standingClock(t)
  const world = await withPictures(t, { privateMedia: true, publicUrl: 'http://visage.test' })
  const { app, ada } = world
  const path = (address: string) => address.replace('http://visage.test', '')
  const told = async () => path((await app.inject(`/api/v2/user/${ada.id}/`)).json<{ avatar: string }>().avatar)
  return { ...world, skip, path, told }
}

t.test('every address that is told is signed, and unsigned there is nothing', async (t) => {
  const { ask, app, ada, path, told, avatar, cover } = await privately(t)
  const { avatar: ofAvatar, cover: ofCover } = (await app.inject(`/api/v2/user/${ada.id}/images/`)).json<Images>()
  const personal = (await app.inject({ url: '/api/profile/', headers: ada.headers })).json<{ avatar: string }>().avatar
  const addresses = [ofAvatar, ofCover].flatMap(({ main, sizes }) => [main.url, ...sizes.map(({ url }) => url)]).map(path)
  t.equal(addresses.length, 8)
  for (const address of [...addresses, personal, await told()]) {
    t.match(await ask(address), { status: 200, headers: { 'content-type': 'image/webp', 'cache-control': `public, max-age=${25 * MINUTE}` } }, address)
    const [bare = ''] = address.split('?')
    t.match(await ask(bare), NOT_FOUND, 'unsigned, also when it is held')
    t.match(await ask(bare, ada.headers), NOT_FOUND, 'unsigned, even for its owner')
  }

  const [bare, query = ''] = (await told()).split('?')
  const { until = '', signature = '' } = Object.fromEntries(new URLSearchParams(query))
  const wrong = [
    '', 'until=', 'signature=', `until=${until}`, `signature=${signature}`, `until=${until}&signature=`, `until=${Number(until) + 900}&signature=${signature}`,
    `until=${until}.0&signature=${signature}`, `until=0${until}&signature=${signature}`, `until=1e12&signature=${signature}`, `until=${until}&signature=${signature.slice(1)}`,
    `until=${until}&signature=${signature}0`, `until=${until}&signature=${signature.toUpperCase()}`, `until=${until}&signature=${'é'.repeat(32)}`, `until=${until}&signature=${'0'.repeat(32)}`,
    `until=${until}&signature=${signature}&signature=`, query.replaceAll('&', '?'),
  ]
  for (const other of wrong) t.match(await ask(`${bare}?${encodeURI(other)}`), NOT_FOUND, other)
  t.match(await ask(`/media/covers/${cover}.webp?${query}`), NOT_FOUND, 'of another picture')
  t.equal((await ask(`/media/avatars/${avatar}-64.webp?${query}`)).status, 200, 'of another size')
  t.equal((await ask('/media/default-avatar.svg')).status, 200, 'nobody is to be seen on it')
})

t.test('everybody is told the same for a quarter of an hour, and it holds for another', async (t) => {
  const { ask, skip, told, app, ada, path } = await privately(t)
  const first = await told()
  t.equal(path((await app.inject({ url: `/api/v2/user/${ada.id}/`, headers: ada.headers })).json<{ avatar: string }>().avatar), first)
  skip(10 * MINUTE - 1)
  t.equal(await told(), first)
  t.match(await ask(first), { status: 200, headers: { 'cache-control': `public, max-age=${15 * MINUTE + 1}` } })
  skip(1)
  const second = await told()
  t.not(second, first)
  t.match(await ask(second), { status: 200, headers: { 'cache-control': `public, max-age=${30 * MINUTE}` } })
  skip(15 * MINUTE - 1)
  const { headers: { etag } } = await ask(first)
  t.match(await ask(first, { 'if-none-match': String(etag) }), { status: 304, headers: { 'cache-control': 'public, max-age=1' } })
  t.match(await ask(first, { range: 'bytes=0-3' }), { status: 206, headers: { 'cache-control': 'public, max-age=1' }, bytes: Buffer.from('RIFF') })
  skip(1)
  t.match(await ask(first), NOT_FOUND)
  t.match(await ask(second), { status: 200, headers: { 'cache-control': `public, max-age=${15 * MINUTE}` } })
})

t.test('what is narrowed is kept by nobody but whom it was told, and what is gone is gone', async (t) => {
  const { ask, app, ada, told, path } = await privately(t)
  const before = await told()
  await app.inject({ method: 'PATCH', url: '/api/profile/visibility/', headers: ada.headers, payload: { avatar: 'member' } })
  const { avatar } = (await app.inject({ url: `/api/v2/user/${ada.id}/`, headers: ada.headers })).json<{ avatar: string }>()
  t.match(await ask(path(avatar)), { status: 200, headers: { 'cache-control': `private, max-age=${25 * MINUTE}` } })

  const { payload, headers } = form([['avatar', { file: await picture({ width: 90 }) }]])
  const changed = await app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, payload, headers: { ...headers, ...ada.headers } })
  t.equal((await ask(path(changed.json<{ avatar: string }>().avatar))).status, 200)
  await app.inject({ method: 'DELETE', url: `/api/profile/${ada.id}/delete/`, headers: ada.headers })
  t.match(await ask(before), NOT_FOUND)
})
