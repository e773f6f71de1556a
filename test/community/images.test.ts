import t from 'tap'
import { build, form, signUp, tokenOf } from '../helper.ts'
import type { Built, Person } from '../helper.ts'
import { picture } from '../images/pictures.ts'

interface File { url: string, width: number, height: number, bytes: number }
interface Image { main: File, sizes: (File & { size: number })[], blurhash: string, color: string, animated: boolean, focus: string | null, crop: string | null, source_width: number, source_height: number }
interface Images { avatar: Image | null, cover: Image | null }

async function dressed (built: Built, person: Person): Promise<void> {
  const file = await picture({ format: 'jpeg', width: 1600, height: 1200, colour: { r: 10, g: 120, b: 200 } })
  const { payload, headers } = form([['avatar', { file }], ['cover', { file }], ['avatar_focus', '-0.5,0.25'], ['avatar_crop', '100,0,1200,1200']])
  const response = await built.app.inject({ method: 'PATCH', url: `/api/v2/user/${person.id}/`, payload, headers: { ...headers, ...person.headers } })
  if (response.statusCode !== 200) throw new Error(response.body)
}

t.test('every size is told with its measures, and is there with them', async (t) => {
  const built = await build(t, { publicUrl: 'http://visage.test' })
  const ada = await signUp(built, 'ada')
  t.same((await built.app.inject(`/api/v2/user/${ada.id}/images/`)).json(), { avatar: null, cover: null })
  await dressed(built, ada)
  const response = await built.app.inject(`/api/v2/user/${ada.id}/images/`)
  const { avatar, cover } = response.json<Images>()
  t.match(avatar, { animated: false, focus: '-0.5,0.25', crop: '100,0,1200,1200', source_width: 1600, source_height: 1200, color: /^#[0-9a-f]{6}$/, blurhash: /^.{20,}$/, main: { width: 1024, height: 768 } })
  t.same(avatar?.sizes.map(({ size, width, height }) => [size, width, height]), [[64, 64, 64], [128, 128, 128], [256, 256, 256], [512, 512, 512]])
  t.same(cover?.sizes.map(({ size, width, height }) => [size, width, height]), [[480, 480, 360], [960, 960, 720]])
  t.match(cover, { focus: null, crop: null, main: { width: 1600, height: 1200 } })
  for (const { url, bytes } of [avatar, cover].flatMap((image) => image === null ? [] : [image.main, ...image.sizes])) {
    const file = await built.app.inject(url.replace('http://visage.test', ''))
    t.match(file, { statusCode: 200, headers: { 'content-type': 'image/webp', 'cache-control': /immutable/ } })
    t.equal(file.rawPayload.length, bytes, url)
  }
  const staff = await built.app.inject({ url: `/api/users/${ada.id}/`, headers: await tokenOf(built, await signUp(built, 'grace', { isStaff: true })) })
  t.same(staff.json<{ images: Images }>().images, { avatar, cover })
  t.equal((await built.app.inject({ url: `/api/v2/user/${ada.id}/images/`, headers: { 'if-none-match': String(response.headers.etag) } })).statusCode, 304)
})

t.test('what is hidden is not told, and what is narrowed is told signed', async (t) => {
  const built = await build(t)
  const [ada, bob] = [await signUp(built, 'ada'), await signUp(built, 'bob')]
  await dressed(built, ada)
  await built.app.inject({ method: 'PATCH', url: '/api/v2/user/me/visibility/', headers: ada.headers, payload: { avatar: 'member', cover: 'self' } })
  t.same((await built.app.inject(`/api/v2/user/${ada.id}/images/`)).json(), { avatar: null, cover: null })
  const { avatar, cover } = (await built.app.inject({ url: `/api/v2/user/${ada.id}/images/`, headers: bob.headers })).json<Images>()
  t.equal(cover, null)
  for (const { url } of [avatar?.main, ...avatar?.sizes ?? []] as File[]) {
    const path = new URL(url).pathname + new URL(url).search
    t.equal((await built.app.inject(path)).statusCode, 200)
    t.equal((await built.app.inject(new URL(url).pathname)).statusCode, 404, 'not without its signature')
  }
})
