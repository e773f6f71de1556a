import t from 'tap'
import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import sharp from 'sharp'
import { OPERATOR } from '../../src/core/access.ts'
import { build, form, PASSWORD, signUp } from '../helper.ts'
import type { Built, Person } from '../helper.ts'
import { animation, noise, picture, pngClaiming } from '../images/pictures.ts'

/* Every number that is told is held against what the service does: this much is taken, one more is refused. */
type Numbers = Record<string, number>
interface Picture { max_bytes: number, formats: Record<string, { max_pixels: number, max_pixels_progressive?: number }>, max_side: number, max_frames: number, main_side: number, animated: { formats: string[], max_frames: number, max_pixels: number }, sizes: number[] }
interface Limits {
  pictures: Record<'avatar' | 'cover', Picture>
  avatars_kept: number
  texts: Record<'community' | 'staff' | 'personal', Numbers>
  password: { min: number, max: number }
  declared_fields: { texts: Numbers, options: number }
  page: { default: number, max: number }
}

const limitsOf = async ({ app }: Built): Promise<Limits> => (await app.inject({ url: '/api/limits/' })).json()
const send = (built: Built, person: Person, kind: string, file: Buffer) =>
  built.app.inject({ method: 'PATCH', url: `/api/v2/user/${person.id}/`, ...withHeaders(person, form([[kind, { file }]])) })
const withHeaders = ({ headers }: Person, sent: ReturnType<typeof form>) => ({ payload: sent.payload, headers: { ...headers, ...sent.headers } })
/** Why a picture was refused; undefined where it was taken. */
const complaint = async (built: Built, person: Person, kind: string, file: Buffer): Promise<string | undefined> => {
  const { errors } = (await send(built, person, kind, file)).json<{ errors?: { messages?: { message: string }[] }[] }>()
  return errors?.[0]?.messages?.[0]?.message
}

t.test('is told to everybody, for a while, and takes no other method', async (t) => {
  const { app } = await build(t)
  for (const url of ['/api/limits', '/api/limits/']) {
    t.match(await app.inject({ url, headers: { authorization: 'Bearer nonsense' } }), { statusCode: 200, headers: { 'cache-control': 'public, max-age=300' } })
    t.match(await app.inject({ url, method: 'POST' }), { statusCode: 405, headers: { allow: 'GET, HEAD, OPTIONS' } })
  }
  t.equal((await app.inject({ url: '/api/limits/avatar/' })).statusCode, 404)
})

t.test('bytes are those of the configuration', async (t) => {
  const file = await noise('jpeg', 40, 30)
  const built = await build(t, { avatarMaxBytes: file.length, coverMaxBytes: file.length + 1 })
  const ada = await signUp(built, 'ada')
  const { pictures } = await limitsOf(built)
  t.same([pictures.avatar.max_bytes, pictures.cover.max_bytes], [file.length, file.length + 1])
  for (const kind of ['avatar', 'cover'] as const) {
    const most = Buffer.concat([file, Buffer.alloc(pictures[kind].max_bytes - file.length)])
    t.equal((await send(built, ada, kind, most)).statusCode, 200)
    const refused = await send(built, ada, kind, Buffer.concat([most, Buffer.alloc(1)]))
    t.equal(refused.statusCode, 413)
    t.match(refused.body, `The ${kind} is too large: at most ${most.length} bytes (it has at least ${most.length + 1}).`)
  }
})

t.test('pixels, sides and frames are those that are judged by', async (t) => {
  const built = await build(t)
  const ada = await signUp(built, 'ada')
  const { pictures } = await limitsOf(built)
  t.same(Object.keys(pictures.avatar.formats), ['jpeg', 'png', 'webp', 'gif', 'avif'])
  const SIDE = 5_000
  for (const kind of ['avatar', 'cover'] as const) {
    for (const [name, claim] of Object.entries(await claims())) {
      const limit = limitOf(pictures[kind], name)
      t.notMatch(await complaint(built, ada, kind, claim(SIDE, limit / SIDE)), /megapixels/, `${kind}: ${name} of ${limit}`)
      t.match(await complaint(built, ada, kind, claim(SIDE, limit / SIDE + 1)), `no more than ${limit / 1_000_000} megapixels (it has ${(limit + SIDE) / 1_000_000} megapixels).`, `${kind}: ${name} of a row more`)
    }
    const { max_side: side, max_frames: frames } = pictures[kind]
    t.notMatch(await complaint(built, ada, kind, pngClaiming(side, 1)), /side/)
    t.match(await complaint(built, ada, kind, pngClaiming(1, side + 1)), `longer than ${side} pixels (one is ${side + 1})`)
    t.equal(await complaint(built, ada, kind, await animation(frames)), undefined)
    const many = await animation(frames + 1)
    t.match(await complaint(built, ada, kind, many), `no more than ${frames} frames (it has ${frames + 1})`)
    t.match((await send(built, ada, kind, many)).json(), { errors: [{ field: kind, messages: [{ code: 'invalid_image', limit: frames, found: frames + 1 }] }] })
  }
})

function limitOf ({ formats }: Picture, name: string): number {
  const { max_pixels: most = 0, max_pixels_progressive: progressive = 0 } = formats[name.replace('progressive ', '')] ?? {}
  return name.startsWith('progressive') ? progressive : most
}

/** Small pictures whose headers are made to say another size. */
async function claims (): Promise<Record<string, (width: number, height: number) => Buffer>> {
  const { png: _, ...small } = Object.fromEntries(await Promise.all((['jpeg', 'png', 'webp', 'gif', 'avif'] as const).map(async (format) => [format, await picture({ format })] as const)))
  const progressive = await sharp(await picture()).jpeg({ progressive: true }).toBuffer()
  const edited = (file: Buffer, edit: (copy: Buffer) => void) => {
    const copy = Buffer.from(file)
    edit(copy)
    return copy
  }
  const jpeg = (file: Buffer, marker: string) => (width: number, height: number) => edited(file, (copy) => {
    const at = copy.indexOf(Buffer.from(marker, 'hex'))
    copy.writeUInt16BE(height, at + 5)
    copy.writeUInt16BE(width, at + 7)
  })
  return {
    png: pngClaiming,
    jpeg: jpeg(small.jpeg as Buffer, 'ffc0'),
    'progressive jpeg': jpeg(progressive, 'ffc2'),
    webp: (width, height) => edited(small.webp as Buffer, (copy) => {
      const at = copy.indexOf(Buffer.from('9d012a', 'hex'))
      copy.writeUInt16LE(width, at + 3)
      copy.writeUInt16LE(height, at + 5)
    }),
    gif: (width, height) => edited(small.gif as Buffer, (copy) => {
      // Of the screen and of its one frame: a screen that only claims to be large is not believed.
      for (const at of [6, copy.indexOf(Buffer.from('2c00000000', 'hex')) + 5]) {
        copy.writeUInt16LE(width, at)
        copy.writeUInt16LE(height, at + 2)
      }
    }),
    avif: (width, height) => edited(small.avif as Buffer, (copy) => {
      const at = copy.indexOf('ispe')
      copy.writeUInt32BE(width, at + 8)
      copy.writeUInt32BE(height, at + 12)
    }),
  }
}

t.test('pictures are made as large as is told', async (t) => {
  const built = await build(t)
  const ada = await signUp(built, 'ada')
  const { pictures } = await limitsOf(built)
  for (const kind of ['avatar', 'cover'] as const) {
    const { main_side: side, sizes } = pictures[kind]
    const file = await made(built, ada, kind, await picture({ width: side + 200, height: side }))
    t.equal((await sharp(file).metadata()).width, side)
    const stem = basename(file, '.webp')
    const others = readdirSync(dirname(file)).filter((name) => name.startsWith(`${stem}-`))
    t.same(others.sort(), sizes.map((size) => `${stem}-${size}.webp`).sort(), `all sizes, and no other: ${sizes.join(', ')}`)
    for (const size of sizes) t.equal((await sharp(join(dirname(file), `${stem}-${size}.webp`)).metadata()).width, size)
  }
})

t.test('F2 what moves is kept moving in the formats that are told, up to so many frames, and so many pixels', async (t) => {
  const built = await build(t)
  const ada = await signUp(built, 'ada')
  const { pictures: { avatar: { animated: { formats, max_frames: frames, max_pixels: pixels } } } } = await limitsOf(built)
  const pagesOf = async (file: Buffer) => (await sharp(await made(built, ada, 'avatar', file)).metadata()).pages ?? 1
  t.same(formats, ['webp', 'gif'])
  t.equal(await pagesOf(await animation(2, undefined, 'webp')), 2)
  const HEIGHT = 1_000
  const width = pixels / 2 / HEIGHT
  t.same([await pagesOf(await animation(frames)), await pagesOf(await animation(frames + 1))], [frames, 1])
  t.same([await pagesOf(await animation(2, { width, height: HEIGHT })), await pagesOf(await animation(2, { width, height: HEIGHT + 1 }))], [2, 1])
})

/** The main file of a picture that was taken. */
async function made (built: Built, person: Person, kind: 'avatar' | 'cover', file: Buffer): Promise<string> {
  const answer = (await send(built, person, kind, file)).json<Record<string, string>>()
  return join(built.dataDir, new URL(answer[kind] ?? '').pathname)
}

t.test('so many avatars are kept', async (t) => {
  const built = await build(t)
  const ada = await signUp(built, 'ada')
  const { avatars_kept: most } = await limitsOf(built)
  const add = async () => built.app.inject({ method: 'POST', url: '/api/v2/user/avatar/', ...withHeaders(ada, form([['avatar', { file: await picture({ width: 2, height: 2 }) }]])) })
  for (let kept = 0; kept < most; kept++) t.equal((await add()).statusCode, 201)
  const refused = await add()
  t.equal(refused.statusCode, 400)
  t.match(refused.body, `No more than ${most} avatars are kept (there are ${most}).`)
})

t.test('texts: in each family as many characters, and not one more', async (t) => {
  const built = await build(t)
  const { headers } = await signUp(built, 'regina', { isAdmin: true })
  const { texts } = await limitsOf(built)
  t.same(Object.keys(texts.community), ['username', 'real_name', 'bio', 'location', 'location_lat_lng', 'position_lat_lng', 'description', 'website', 'email'])
  t.same(Object.keys(texts.staff), ['username', 'mobile_number', 'email', 'first_name', 'last_name', 'ext_id'])
  t.same(Object.keys(texts.personal), ['username', 'email', 'first_name', 'last_name', 'number_phone'])
  const URLS = { community: '/api/v2/account/create/', staff: '/api/users/', personal: '/api/sign-up/' }
  for (const family of ['community', 'staff', 'personal'] as const) {
    const tooLong = async (more: number) => {
      const payload = Object.fromEntries(Object.entries(texts[family]).map(([name, max]) => [name, 'é'.repeat(max + more)]))
      const response = await built.app.inject({ method: 'POST', url: URLS[family], headers, payload })
      t.equal(response.statusCode, 400, 'some of them want more than a length')
      return Object.entries(messagesOf(response.json())).filter(([, message]) => message.includes('no more than'))
    }
    t.same(await tooLong(0), [], family)
    t.same(Object.fromEntries(await tooLong(1)), Object.fromEntries(Object.entries(texts[family]).map(([name, max]) => [name, `Ensure this field has no more than ${max} characters.`])), family)
  }
})

/** The first message about each field, in any family. */
function messagesOf (body: { errors: { field: string, messages: { message: string }[] }[] } | Record<string, string[]>): Record<string, string> {
  const said: [string, string | undefined][] = isCommunity(body)
    ? body.errors.map(({ field, messages }) => [field, messages[0]?.message])
    : Object.entries(body).map(([field, messages]) => [field, messages[0]])
  return Object.fromEntries(said.map(([field, message]) => [field, message ?? '']))
}

const isCommunity = (body: object): body is { errors: { field: string, messages: { message: string }[] }[] } => 'errors' in body

t.test('passwords', async (t) => {
  const built = await build(t, { passwordMin: 10 })
  const { password: { min, max } } = await limitsOf(built)
  t.equal(min, 10)
  const tried = async (length: number) => {
    const payload = { username: `u${length}`, email: `u${length}@example.com`, password: PASSWORD.repeat(max).slice(0, length) }
    return (await built.app.inject({ method: 'POST', url: '/api/sign-up/', payload })).statusCode
  }
  t.same([await tried(min - 1), await tried(min), await tried(max), await tried(max + 1)], [400, 201, 201, 400])
})

t.test('declared fields: in each type as many characters, and not one more', async (t) => {
  const built = await build(t)
  const ada = await signUp(built, 'ada')
  const { declared_fields: { texts: { enum: choice = 0, ...texts }, options } } = await limitsOf(built)
  const declare = (key: string, most: number, length: number) => built.core.profileFields.declare(OPERATOR, { key, type: 'enum', options: Array.from({ length: most }, (_, i) => `${i}`.padEnd(length, 'x')) })
  await declare('most', options, choice)
  await t.rejects(declare('more', options + 1, choice))
  await t.rejects(declare('longer', options, choice + 1))
  for (const type of Object.keys(texts)) await built.core.profileFields.declare(OPERATOR, { key: `a_${type}`, type: type as 'string' })
  const send = async (more: number) => {
    const payload = Object.fromEntries(Object.entries(texts).map(([type, max]) => [`a_${type}`, 'x'.repeat(max + more)]))
    return messagesOf((await built.app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, headers: ada.headers, payload })).json())
  }
  t.notMatch(JSON.stringify(await send(0)), /no more than/)
  t.same(await send(1), Object.fromEntries(Object.entries(texts).map(([type, max]) => [`a_${type}`, `Ensure this field has no more than ${max} characters.`])))
})

t.test('pages', async (t) => {
  const built = await build(t)
  const { headers } = await signUp(built, 'regina', { isAdmin: true })
  const { page } = await limitsOf(built)
  const limitOfPage = async (limit: string) => {
    const { previous } = (await built.app.inject({ url: `/api/users/?offset=1&limit=${limit}`, headers })).json<{ previous: string }>()
    return Number(new URL(previous).searchParams.get('limit'))
  }
  t.same([await limitOfPage(''), await limitOfPage(`${page.max}`), await limitOfPage(`${page.max + 1}`)], [page.default, page.max, page.max])
})
