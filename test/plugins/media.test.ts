import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { build, form, signUp } from '../helper.ts'
import { picture } from '../images/pictures.ts'

t.test('pictures are served under the names that the service gave, and nothing else is', async (t) => {
  const built = await build(t)
  const { app, dataDir } = built
  const ada = await signUp(built, 'ada')
  const { payload, headers } = form([['avatar', { file: await picture() }], ['cover', { file: await picture({ width: 300 }) }]])
  await app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, payload, headers: { ...headers, ...ada.headers } })
  const [name = ''] = readdirSync(join(dataDir, 'media/avatars'))

  t.test('GET, HEAD, a range and a conditional request', async (t) => {
    const url = `/media/avatars/${name}`
    const got = await app.inject(url)
    t.match(got, {
      statusCode: 200,
      headers: {
        'content-type': 'image/webp',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
        'cache-control': 'public, max-age=31536000, immutable',
        'content-disposition': 'inline',
      },
    })
    t.equal(got.rawPayload.subarray(8, 12).toString(), 'WEBP')
    t.match(await app.inject({ method: 'HEAD', url }), { statusCode: 200, body: '' })
    const range = await app.inject({ url, headers: { range: 'bytes=8-11' } })
    t.equal(range.statusCode, 206)
    t.equal(range.body, 'WEBP')
    t.equal((await app.inject({ url, headers: { 'if-none-match': String(got.headers.etag) } })).statusCode, 304)
    t.equal((await app.inject({ url: `${url}?s=64`, headers: ada.headers })).statusCode, 200)
    t.equal((await app.inject({ url, headers: { authorization: 'Bearer expired' } })).statusCode, 200, 'nobody is asked who they are')
  })

  t.test('what lies beside them is not found', async (t) => {
    const media = join(dataDir, 'media')
    writeFileSync(join(media, 'avatars/page.html'), '<script>')
    writeFileSync(join(media, `avatars/${'0'.repeat(32)}.html`), '<script>')
    mkdirSync(join(media, 'avatars/folder'))
    symlinkSync(join(dataDir, 'jwt.secret'), join(media, 'avatars/link.webp'))
    const hidden = [
      '/media/', '/media/avatars', '/media/avatars/', '/media/avatars/page.html', `/media/avatars/${'0'.repeat(32)}.html`, '/media/avatars/folder/',
      '/media/avatars/link.webp', '/media/visage.db', '/media/../visage.db', '/media/avatars/../../visage.db', '/media/avatars/..%2f..%2fvisage.db',
      '/media/%2e%2e/jwt.secret', '/media//etc/passwd', `/media/avatars/${name}%00.webp`, `/media/covers/${name}`, `/media/avatars/${name.toUpperCase()}`,
      `/media/avatars/${'f'.repeat(32)}.webp`, '/media/avatars\\..\\..\\visage.db', '/media/.staging/x', `/media/avatars/${name}/`,
    ]
    for (const url of hidden) t.match(await app.inject(url), { statusCode: 404, body: '{"detail":"Not found."}' }, url)
    t.equal((await app.inject({ method: 'POST', url: `/media/avatars/${name}` })).statusCode, 404)
  })
})
