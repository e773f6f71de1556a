import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import type { Test } from 'tap'
import { build, signUp } from '../helper.ts'
import { confirm, dress, hashOf, isDrawn, isPicture, PROTECTED, REFUSED, rename, seen, show, STYLES, textOf, write } from './faces.ts'

t.test('the picture of whoever is named by id or username, in the size that was asked for or the next', async (t) => {
  const built = await build(t)
  const { app, dataDir, core } = built
  const ada = await signUp(built, 'ada')
  await rename(built, ada, { username: 'Ada.Lovelace@home' })
  await dress(built, ada)
  const { avatar, cover } = await core.users.get(ada.id)

  const SIZES: [url: string, file: string][] = [
    ...[['', 512], ['?s=1', 64], ['?s=64', 64], ['?s=65', 128], ['?size=200', 256], ['?s=256', 256], ['?s=257', 512], ['?s=512', 512], ['?s=513', 512], ['?s=2048', 512],
      ['?s=0', 512], ['?s=-1', 512], ['?s=1e2', 512], ['?s=', 512], ['?s=60.5', 512], ['?s=9999999999', 512], ['?s=64&s=512', 64], ['?s=64&size=512', 64], ['?s[]=64', 512]]
      .map(([query, size]): [string, string] => [`/avatar/${ada.id}${query}`, `avatars/${avatar}-${size}.webp`]),
    ...[['', ''], ['?s=100', '-480'], ['?s=480', '-480'], ['?s=481', '-960'], ['?s=961', '']]
      .map(([query, size]): [string, string] => [`/cover/${ada.id}${query}`, `covers/${cover}${size}.webp`]),
    ['/avatar/Ada.Lovelace@home?s=64', `avatars/${avatar}-64.webp`],
    ['/avatar/ada.lovelace@HOME?s=64', `avatars/${avatar}-64.webp`],
    ['/avatar/ada%2Elovelace%40home/?s=64', `avatars/${avatar}-64.webp`],
    ['/cover/ada.lovelace@home/', `covers/${cover}.webp`],
  ]
  for (const [url, file] of SIZES) {
    const got = await app.inject(url)
    t.match(got, { statusCode: 200, headers: { ...PROTECTED, 'content-type': 'image/webp', etag: /^"[\w-]+"$/ } }, url)
    t.ok(got.rawPayload.equals(readFileSync(join(dataDir, 'media', file))), `${url} is ${file}`)
    t.equal(got.headers['set-cookie'], undefined)
  }

  t.test('HEAD, and what the client has already', async (t) => {
    const url = `/avatar/${ada.id}?s=128`
    const got = await app.inject(url)
    const head = await app.inject({ method: 'HEAD', url })
    t.match(head, { statusCode: 200, body: '', headers: { ...PROTECTED, 'content-type': 'image/webp', etag: got.headers.etag, 'content-length': String(got.rawPayload.length) } })
    for (const method of ['GET', 'HEAD'] as const) {
      for (const known of [got.headers.etag, `W/${got.headers.etag}`, `"x", ${got.headers.etag}`, '*']) {
        const fresh = await app.inject({ method, url, headers: { 'if-none-match': String(known) } })
        t.match(fresh, { statusCode: 304, body: '', headers: { etag: got.headers.etag, 'cache-control': PROTECTED['cache-control'] } }, `${method} ${known}`)
        t.equal(fresh.headers['content-type'], undefined)
      }
    }
    t.equal((await app.inject({ url: `/avatar/${ada.id}?s=64`, headers: { 'if-none-match': String(got.headers.etag) } })).statusCode, 200, 'another size is another picture')
    await dress(built, ada, { r: 200, g: 30, b: 60 })
    const after = await app.inject({ url, headers: { 'if-none-match': String(got.headers.etag) } })
    t.equal(after.statusCode, 200, 'and so is the next one')
    t.not(after.headers.etag, got.headers.etag)
    t.equal((await app.inject({ url, headers: { authorization: 'Bearer expired' } })).statusCode, 200, 'nobody is asked who they are')
  })

  t.test('what the client has already is not read, and must be there', async (t) => {
    for (const kind of ['avatar', 'cover'] as const) {
      const [url, size] = [`/${kind}/${ada.id}?s=480`, kind === 'avatar' ? 512 : 480]
      const file = join(dataDir, `media/${kind}s/${(await core.users.get(ada.id))[kind]}-${size}.webp`)
      const { etag } = (await app.inject(url)).headers
      const again = () => app.inject({ url, headers: { 'if-none-match': String(etag) } })
      rmSync(file)
      // It is there, and reading it fails.
      mkdirSync(file)
      t.match(await again(), { statusCode: 304, body: '', headers: { etag } })
      t.equal((await app.inject(url)).statusCode, 500)
      t.ok(isDrawn(await app.inject({ url: `${url}&f=y`, headers: { 'if-none-match': String(etag) } })))
      rmSync(file, { recursive: true })
      t.match(await again(), { statusCode: 200, headers: { etag: /-main"$/ } })
    }
    await dress(built, ada)
  })

  t.test('a size that has not been made yet is the main picture, and one whose file is lost is drawn', async (t) => {
    const { avatar } = await core.users.get(ada.id)
    rmSync(join(dataDir, `media/avatars/${avatar}-64.webp`))
    const whole = await app.inject(`/avatar/${ada.id}?s=64`)
    t.ok(whole.rawPayload.equals(readFileSync(join(dataDir, `media/avatars/${avatar}.webp`))))
    t.match(whole.headers.etag, /-main"$/, 'whoever has it is told when the size is there')
    rmSync(join(dataDir, `media/avatars/${avatar}.webp`))
    t.ok(isDrawn(await app.inject(`/avatar/${ada.id}?s=64`)))
    t.match(await app.inject(`/avatar/${ada.id}?s=64&d=404`), { statusCode: 404, headers: { ...REFUSED.headers, 'cache-control': 'public, max-age=300' } })
  })

  t.test('a picture gives way to none where one is asked for by force', async (t) => {
    for (const query of ['f=y', 'forcedefault=y']) t.ok(isDrawn(await app.inject(`/avatar/${ada.id}?${query}&d=identicon`)))
    t.equal((await app.inject(`/avatar/${ada.id}?f=y&d=404`)).statusCode, 404)
    for (const query of ['f=n', 'f=', 'd=404', 'd=blank', 'r=g', 'd=https%3A%2F%2Fevil.example%2F']) t.ok(isPicture(await app.inject(`/avatar/${ada.id}?${query}`)), query)
  })
})

t.test('whoever has no picture is drawn', async (t) => {
  const built = await build(t)
  const { app } = built
  const ada = await signUp(built, 'ada')
  const drawn = await app.inject(`/avatar/${ada.id}?s=100`)
  t.match(drawn, { statusCode: 200, headers: { ...PROTECTED, 'content-type': 'image/svg+xml', etag: /^"[\w-]{22}"$/ } })
  t.equal(textOf(drawn), 'A')
  t.match(drawn.body, / width="128" height="128"/)
  t.same(seen(await app.inject(`/avatar/${ada.id}?s=100`)), seen(drawn), 'and again the same')
  t.same(seen(await app.inject('/avatar/ada?s=100')), seen(drawn), 'whatever they are found by')
  t.match(await app.inject({ url: `/avatar/${ada.id}?s=100`, headers: { 'if-none-match': String(drawn.headers.etag) } }), { statusCode: 304, body: '' })
  t.match(await app.inject({ method: 'HEAD', url: `/avatar/${ada.id}?s=100` }), { statusCode: 200, body: '', headers: { etag: drawn.headers.etag, 'content-length': String(drawn.rawPayload.length) } })

  t.equal(textOf(await app.inject('/avatar/nobody')), 'N')
  t.equal(textOf(await app.inject('/avatar/12345')), undefined, 'a number has no initials')

  t.test('in each style, well-formed', async (t) => {
    for (const kind of ['avatar', 'cover']) {
      for (const style of STYLES) {
        for (const who of [ada.id, 'nobody', '12345', hashOf('sha256', 'nobody@example.com'), hashOf('md5', 'nobody@example.com')]) {
          const got = await app.inject(`/${kind}/${who}?d=${style}`)
          if (style === '404') {
            t.match(got, { statusCode: 404, body: '{"detail":"Not found."}', headers: { 'content-type': /^application\/json/ } })
            continue
          }
          t.match(got, { statusCode: 200, headers: { ...PROTECTED, 'content-type': 'image/svg+xml' } })
          t.ok(got.rawPayload.length < 2_048)
          t.match(await sharp(got.rawPayload).metadata(), kind === 'cover' ? { width: 960, height: 320 } : { width: 512, height: 512 })
        }
      }
    }
    const of = async (style: string) => (await app.inject(`/avatar/ada?d=${style}`)).body
    t.equal(await of('mm'), await of('mp'))
    for (const style of ['retro', 'robohash', 'wavatar', 'monsterid']) t.equal(await of(style), await of('identicon'))
    for (const style of ['', 'nonsense', 'constructor', 'https%3A%2F%2Fevil.example%2Fx.png', '%00']) t.equal(await of(style), await of('initials'), style)
    t.equal((await app.inject('/avatar/ada?d[]=blank')).body, await of('initials'))
    t.equal((await app.inject('/avatar/ada?default=blank')).body, await of('blank'))
  })

  t.test('in their own colour, with the name that everybody may see', async (t) => {
    const colourOf = async (who: string | number) => /fill="(#[0-9a-f]{6})"/.exec((await app.inject(`/avatar/${who}`)).body)?.[1]
    const before = await colourOf(ada.id)
    await write(built, ada, { username: 'byron', real_name: 'עדה לאבלייס' })
    const named = await app.inject(`/avatar/${ada.id}`)
    t.equal(textOf(named), 'ע\u200cל')
    t.match(named.body, / direction="rtl"/)
    t.equal(await colourOf('byron'), before, 'whatever they are called')
    await show(built, ada, { real_name: 'member' })
    t.equal(textOf(await app.inject(`/avatar/${ada.id}`)), 'B', 'of a name that is hidden from some, nothing')
    t.equal(textOf(await app.inject({ url: `/avatar/${ada.id}`, headers: ada.headers })), 'B', 'and it is the same for all, as the cache that keeps it is')
    await rename(built, ada, { first_name: 'Zoe', last_name: 'Quinn' })
    t.equal(textOf(await app.inject(`/avatar/${ada.id}`)), 'B', 'first and last names are told to nobody')
    await show(built, ada, { real_name: 'public' })
    await write(built, ada, { real_name: '<b>&"\u202e\'' })
    t.equal(textOf(await app.inject(`/avatar/${ada.id}`)), 'B')
  })
})

t.test('whoever is hidden is nobody', async (t) => {
  const [built, empty] = [await build(t, { gravatarMd5: true }), await build(t, { gravatarMd5: true })]
  const ada = await signUp(built, 'ada')
  await dress(built, ada)
  await write(built, ada, { real_name: 'Queen of Engines' })
  await confirm(built, ada)
  await show(built, ada, { avatar_by_email: true })
  const names = ['ada', 'ADA', String(ada.id)]
  const hashes = (['sha256', 'md5'] as const).map((algorithm) => hashOf(algorithm, 'ada@example.com'))

  async function isNobody (t: Test, kinds: ('avatar' | 'cover')[]): Promise<void> {
    for (const kind of kinds) {
      for (const who of [...names, ...hashes]) {
        for (const style of STYLES) {
          for (const query of [`d=${style}`, `d=${style}&s=64`, `d=${style}&f=y`]) {
            t.same(seen(await built.app.inject(`/${kind}/${who}?${query}`)), seen(await empty.app.inject(`/${kind}/${who}?${query}`)), `/${kind}/${who}?${query}`)
          }
        }
      }
    }
  }

  for (const who of [...names, ...hashes]) t.ok(isPicture(await built.app.inject(`/avatar/${who}`)), 'until they hide')
  t.ok(isPicture(await built.app.inject('/cover/ada')))

  for (const audience of ['member', 'self']) {
    await show(built, ada, { avatar: audience, cover: null })
    await t.test(`an avatar for ${audience}`, (t) => isNobody(t, ['avatar']))
    t.ok(isPicture(await built.app.inject('/cover/ada')), 'the other picture is still there')
    t.ok(isDrawn(await built.app.inject({ url: '/avatar/ada', headers: ada.headers })), 'even to themselves')
    await show(built, ada, { avatar: null, cover: audience })
    await t.test(`a cover for ${audience}`, (t) => isNobody(t, ['cover']))
    t.ok(isPicture(await built.app.inject('/avatar/ada')))
  }
  await show(built, ada, { avatar: null, cover: null })
  for (const who of [...names, ...hashes]) t.ok(isPicture(await built.app.inject(`/avatar/${who}`)), 'and they are back')

  t.equal((await built.app.inject({ method: 'DELETE', url: `/api/v2/user/${ada.id}/`, headers: ada.headers })).statusCode, 204)
  await t.test('deleted softly', (t) => isNobody(t, ['avatar', 'cover']))
  const admin = await signUp(built, 'regina', { isAdmin: true })
  t.equal((await built.app.inject({ method: 'POST', url: `/api/users/${ada.id}/restore/`, headers: admin.headers })).statusCode, 200)
  for (const who of [...names, ...hashes]) t.ok(isPicture(await built.app.inject(`/avatar/${who}`)), 'restored')
  t.equal((await built.app.inject({ method: 'DELETE', url: `/api/users/${ada.id}/?hard=1`, headers: admin.headers })).statusCode, 204)
  await t.test('deleted for good', (t) => isNobody(t, ['avatar', 'cover']))
})

t.test('where pictures are served under signed addresses only, everybody is drawn', async (t) => {
  const built = await build(t, { privateMedia: true, gravatarMd5: true })
  const ada = await signUp(built, 'ada')
  await dress(built, ada)
  await confirm(built, ada)
  await show(built, ada, { avatar_by_email: true })
  const hashes = (['sha256', 'md5'] as const).map((algorithm) => hashOf(algorithm, 'ada@example.com'))
  for (const url of ['/avatar/ada', `/avatar/${ada.id}`, '/cover/ada', ...hashes.map((hash) => `/avatar/${hash}`)]) {
    t.ok(isDrawn(await built.app.inject(url)), url)
    t.equal((await built.app.inject(`${url}?d=404`)).statusCode, 404)
  }
})

t.test('odd paths', async (t) => {
  const built = await build(t)
  const { app } = built
  const long = 'a'.repeat(150)
  const ada = await signUp(built, 'ada')
  await rename(built, ada, { username: long })
  await dress(built, ada)
  t.ok(isPicture(await app.inject(`/avatar/${long}`)), 'a username longer than the router takes parameters')
  for (const url of ['/avatar', '/avatar/', '/avatar//', '/avatar/ada/x', '/avatar/a%2Fb', '/cover/', '/avatar/..%2F..%2Fvisage.db', '/avatar/%ff']) {
    t.match(await app.inject(url), { ...REFUSED, body: '{"detail":"Not found."}' }, url)
  }
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) t.match(await app.inject({ method, url: '/avatar/ada' }), REFUSED, method)
  for (const who of ['%00', '%0d%0aset-cookie:x=1', '%3Cscript%3E', '..', '9'.repeat(400), '0', '-1', '%E2%80%AE', `${'x%20'.repeat(3_000)}`]) {
    const got = await app.inject(`/avatar/${who}`)
    t.ok(isDrawn(got) || got.statusCode === 404, who)
    t.notMatch(got.body, /<script/)
    t.equal(got.headers['set-cookie'], undefined)
  }
})
