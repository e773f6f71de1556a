import t from 'tap'
import { statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { form } from '../helper.ts'
import { noise, picture } from '../images/pictures.ts'
import { setsIn } from '../images/sets.ts'
import { curl, descriptors, hasCurl, listen, say, send, settled, stagedIn, tidy } from './listening.ts'
import type { Listening } from './listening.ts'

const MB = 1_000_000
const LIMIT = 8 * 1_024 ** 2
const ABORTS = 50
const PNG = '\x89PNG\r\n\x1a\n'
const NOT_AN_IMAGE = 'Upload a valid image. The file you uploaded was either not an image or a corrupted image.'

type Family = Listening['families'][number]
type Parts = Parameters<typeof form>[0]

const onAvatar = ({ name }: Family, code: string, message: string, numbers?: object) =>
  name === 'community' ? { errors: [{ field: 'avatar', messages: [{ code, message, ...numbers }] }] } : { avatar: [message] }
/** Announced, the whole form is refused; in chunks that, or the avatar, whichever is noticed first. */
const tooLarge = (isChunked: boolean): RegExp => {
  const size = isChunked ? 'at least \\d+' : '200000\\d{3}'
  const whole = `The request is too large: at most \\d+ bytes \\(it has ${size}\\)\\. The avatar may have ${LIMIT} bytes\\.(?: The cover may have \\d+ bytes\\.)?`
  const said = isChunked ? `(?:${whole}|The avatar is too large: at most ${LIMIT} bytes \\(it has ${size}\\)\\.)` : whole
  return new RegExp(`^\\{(?:"errors":\\[\\{"code":"too_large","message":"|"detail":")${said}"(?:\\}\\])?\\}$`)
}
const parseError = /^\{(?:"errors":\[\{"code":"parse_error","message":"|"detail":")Multipart form parse error - [^"]+"(?:\}\])?\}$/

/** A request as bytes, up to and including the empty line. */
function headOf (server: Listening, { method, path, headers }: Family, framing: Record<string, string>): string {
  const lines = Object.entries({ host: 'localhost', connection: 'close', ...headers, ...framing }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path(server.ada.id)} HTTP/1.1\r\n${lines.join('')}\r\n`
}

async function upload (server: Listening, family: Family, parts: Parts): Promise<{ status: number, body: string }> {
  const { payload, headers } = form(parts)
  const said = await say(server.port, [headOf(server, family, { ...headers, 'content-length': String(payload.length) }), payload])
  return answerOf(said)
}

const answerOf = (said: string) => ({ status: Number(said.split(' ')[1]), body: said.slice(said.indexOf('\r\n\r\n') + 4) })
const rowOf = async ({ core, ada }: Listening) => core.users.get(ada.id)
const published = ({ dataDir }: Listening) => setsIn(join(dataDir, 'media', 'avatars'))

/** The first upload starts the image process and fills pools, whose descriptors stay. */
async function warm (server: Listening): Promise<number> {
  const [family] = server.families as [Family]
  await upload(server, family, [['avatar', { file: await picture() }]])
  return settled(descriptors, () => stagedIn(server).length === 0)
}

t.test('200 MB', async (t) => {
  const server = await listen(t)
  const before = await warm(server)
  const row = await rowOf(server)
  let most = 0
  const watching = setInterval(() => {
    for (const file of stagedIn(server)) most = Math.max(most, statSync(join(server.dataDir, 'staging', file), { throwIfNoEntry: false })?.size ?? 0)
  }, 1)
  const part = `--b\r\nContent-Disposition: form-data; name="avatar"; filename="avatar.png"\r\n\r\n${PNG}`
  const huge = join(server.dataDir, 'avatar.png')
  writeFileSync(huge, Buffer.from(PNG, 'latin1'))
  truncateSync(huge, 200 * MB)

  for (const { name, method, path, headers } of server.families) {
    const of = { port: server.port, method, path: path(server.ada.id), headers: { ...headers, 'content-type': 'multipart/form-data; boundary=b' }, manner: 'agent' as const }
    for (const isChunked of [false, true]) {
      const how = isChunked ? 'chunked' : 'announced'
      const [answer] = await send([{ ...of, isChunked, body: [part, 200 * MB, '\r\n--b--\r\n'] }])
      t.equal(answer?.error ?? answer?.status, 413, `${name}, Node, ${how}`)
      t.match(answer?.body, tooLarge(isChunked))
      t.ok((answer?.sent ?? Infinity) < 100 * MB, 'the client could stop early')
      if (!hasCurl) {
        t.comment('SKIPPED: there is no curl on this machine')
        continue
      }
      const { exit, status, body } = await curl('--request', method, '--form', `avatar=@${huge}`, '--header', `authorization: ${headers.authorization}`,
        ...isChunked ? ['--header', 'transfer-encoding: chunked'] : [], `http://127.0.0.1:${server.port}${path(server.ada.id)}`)
      t.same({ exit, status }, { exit: 0, status: 413 }, `${name}, curl, ${how}`)
      t.match(body, tooLarge(isChunked))
    }
  }
  clearInterval(watching)
  t.ok(most <= LIMIT + 65_536, `at most ${most} bytes lay on the disk`)
  t.same(await rowOf(server), { ...row, lastSeenAt: (await rowOf(server)).lastSeenAt })
  await tidy(t, server, before)
})

t.test('a truncated upload', async (t) => {
  const server = await listen(t)
  const before = await warm(server)
  const row = await rowOf(server)
  const { payload, headers } = form([['bio', 'first'], ['avatar', { file: await noise('png', 300, 300) }]])
  const cut = payload.subarray(0, payload.length - 200)

  for (const family of server.families) {
    const whole = headOf(server, family, { ...headers, 'content-length': String(cut.length) })
    const announced = headOf(server, family, { ...headers, 'content-length': String(payload.length) })
    const chunked = headOf(server, family, { ...headers, 'transfer-encoding': 'chunked' })
    const chunk = [`${cut.length.toString(16)}\r\n`, cut, '\r\n']
    const cases: [title: string, said: Promise<string>][] = [
      ['the form has no end', say(server.port, [whole, cut])],
      ['the form has no end, chunked', say(server.port, [chunked, ...chunk, '0\r\n\r\n'])],
      ['the client stops in the middle', say(server.port, [announced, cut], (socket) => socket.end())],
      ['the client stops in the middle, chunked', say(server.port, [chunked, ...chunk], (socket) => socket.end())],
      ['a chunk is no chunk', say(server.port, [chunked, ...chunk, 'not hex\r\n'])],
    ]
    for (const [title, said] of cases) {
      const { status, body } = answerOf(await said)
      t.equal(status, 400, `${family.name}: ${title}`)
      t.match(body, parseError)
    }
  }
  t.same(await rowOf(server), { ...row, lastSeenAt: (await rowOf(server)).lastSeenAt })
  t.equal(published(server).length, 1)
  await tidy(t, server, before)
})

t.test('an aborted upload', async (t) => {
  const server = await listen(t)
  const before = await warm(server)
  const row = await rowOf(server)
  const { payload, headers } = form([['bio', 'never'], ['avatar', { file: await noise('png', 500, 500) }], ['bio', 'ever']])
  let [seen, staged] = [0, 0]

  for (let round = 0; round < ABORTS; round++) {
    const family = server.families[round % 3] as Family
    const head = headOf(server, family, { ...headers, 'content-length': String(payload.length) })
    // From the middle of the part's head to one byte before the end of the form.
    const part = payload.subarray(0, Math.max(100, Math.round(payload.length * round / (ABORTS - 1)) - 1))
    const isStaged = part.length > 20_000
    await say(server.port, [head, part], async (socket) => {
      if (isStaged) staged++
      if (isStaged) seen += (await settled(() => stagedIn(server), (files) => files.length === 1)).length
      if (round % 2 === 0) socket.destroy()
      else socket.resetAndDestroy()
    })
    t.same(await settled(() => stagedIn(server), (files) => files.length === 0), [])
  }
  t.ok(staged > ABORTS / 2)
  t.equal(seen, staged, `${seen} of ${ABORTS} were on the disk when the client left`)
  await tidy(t, server, before)
  t.same(await rowOf(server), { ...row, lastSeenAt: (await rowOf(server)).lastSeenAt })
  t.equal(published(server).length, 1)
  for (const family of server.families) t.equal((await upload(server, family, [['avatar', { file: await picture() }]])).status, 200, 'and the next one gets through')
})

t.test('what a form may hold', async (t) => {
  const server = await listen(t)
  const before = await warm(server)
  const [file, other] = [await picture({ colour: { r: 0, g: 90, b: 0 } }), await picture({ colour: { r: 0, g: 0, b: 90 } })]

  for (const family of server.families) {
    const row = await rowOf(server)
    const refused: [title: string, parts: Parts, error: object][] = [
      ['a text file called avatar.png', [['avatar', { file: Buffer.from('just a text\n'.repeat(1_000)), filename: 'avatar.png', type: 'image/png' }]], onAvatar(family, 'invalid_image', NOT_AN_IMAGE)],
      ['two avatars in one form', [['avatar', { file }], ['avatar', { file: other }]], onAvatar(family, 'invalid', 'Only one file may be submitted (there are 2).', { limit: 1, found: 2 })],
      ['a file of no bytes', [['avatar', { file: Buffer.alloc(0) }]], onAvatar(family, 'empty', 'The submitted file is empty.')],
    ]
    for (const [title, parts, error] of refused) {
      const { status, body } = await upload(server, family, [...parts, ['username', 'lovelace']])
      t.equal(status, 400, `${family.name}: ${title}`)
      t.same(JSON.parse(body), error)
      t.same(await rowOf(server), { ...row, lastSeenAt: (await rowOf(server)).lastSeenAt }, 'nothing of it was kept')
    }

    const { status } = await upload(server, family, [['avatar', { file }], ['username', `${family.name}_after`], ['nothing', 'we know']])
    t.equal(status, 200, `${family.name}: fields after the file`)
    t.match(await rowOf(server), { username: `${family.name}_after`, avatar: /^[0-9a-f]{32}$/ })
    t.not((await rowOf(server)).avatar, row.avatar)
    t.equal(published(server).length, 1, 'the old picture is gone')
  }
  await tidy(t, server, before)
})
