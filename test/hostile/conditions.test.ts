import t from 'tap'
import { build, form, signUp } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { TEXTS } from './numbers.ts'
import { openRows } from './traces.ts'

/** Headers that ask for a part, or for what has changed: a number that is none asks for nothing, and no answer is 500. */
const built = await build(t)
const { app, dataDir } = built
const ada = await signUp(built, 'ada', { isStaff: true })
const { payload, headers } = form([['avatar', { file: await picture() }]])
const uploaded = await app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, payload, headers: { ...ada.headers, ...headers } })
const file = new URL(uploaded.json<{ avatar: string }>().avatar).pathname
const whole = (await app.inject(file)).rawPayload
const rows = openRows(dataDir)
t.teardown(rows.close)

t.test('A8 Range', async (t) => {
  const { length } = whole
  const judge = async (range: string) => {
    const { statusCode, rawPayload, headers } = await app.inject({ url: file, headers: { range } })
    if (statusCode === 200) t.same(rawPayload, whole, range.slice(0, 40))
    else if (statusCode === 206) {
      const [, first, last, total] = (/^bytes (\d+)-(\d+)\/(\d+)$/.exec(String(headers['content-range'])) ?? []).map(Number)
      t.ok(total === length && Number(first) <= Number(last) && Number(last) < length, `${range.slice(0, 40)}: ${headers['content-range']}`)
      t.same(rawPayload, whole.subarray(first, Number(last) + 1))
    } else t.match({ statusCode, range: headers['content-range'] }, { statusCode: 416, range: `bytes */${length}` }, range.slice(0, 40))
    return statusCode
  }
  for (const text of TEXTS) for (const range of [text, `bytes=${text}`, `bytes=${text}-`, `bytes=-${text}`, `bytes=0-${text}`, `bytes=${text}-${text}`, `bytes=0-0,${text}-`, `lines=${text}-`]) await judge(Buffer.from(range).toString('latin1'))
  for (const [range, status] of [['bytes=0-0', 206], [`bytes=${length - 1}-`, 206], ['bytes=-1', 206], [`bytes=0-${length * 9}`, 206], [`bytes=${length}-`, 416], ['bytes=0-9007199254740993', 206], ['bytes=9007199254740993-', 416]] as const) t.equal(await judge(range), status, range)
})

t.test('A8 conditions', async (t) => {
  const dates = ['Thu, 01 Jan 1970 00:00:00 GMT', 'Fri, 31 Dec 9999 23:59:59 GMT', 'Sat, 01 Jan 0000 00:00:00 GMT', 'Sat, 13 Sep 275760 00:00:01 GMT', '+275760-09-13T00:00:00.001Z']
  const tags = TEXTS.map((text) => `"${text}-x"`)
  for (const name of ['if-none-match', 'if-match', 'if-modified-since', 'if-unmodified-since', 'if-range']) {
    for (const value of [...TEXTS, ...dates, ...tags].map((text) => Buffer.from(text).toString('latin1'))) {
      for (const url of [file, '/avatar/ada', '/api/profile/']) {
        const { statusCode } = await app.inject({ url, headers: { ...ada.headers, [name]: value, range: 'bytes=0-9' } })
        t.ok((url === file ? [200, 206, 304, 412] : [200]).includes(statusCode), `${name}: ${value.slice(0, 40)}: ${url}: ${statusCode}`)
      }
    }
  }
})

t.test('A8 If-Match holds for one spelling of a version', async (t) => {
  const before = rows.user(ada.id)
  const { version } = before
  for (const text of [...TEXTS, `0${version}`, `+${version}`, `${version}.0`, `${version}e0`, ` ${version}`]) {
    for (const [method, url] of [['PATCH', `/api/v2/user/${ada.id}/`], ['PATCH', '/api/users/me/'], ['PUT', `/api/profile/${ada.id}/update/`]] as const) {
      if (text === String(version)) continue
      const response = await app.inject({ method, url, headers: { ...ada.headers, 'if-match': Buffer.from(`"${text}-x"`).toString('latin1') }, payload: { first_name: 'New', bio: 'New' } })
      t.equal(response.statusCode, 412, `${method} ${url} ${text.slice(0, 20)}`)
    }
  }
  t.same(rows.user(ada.id), before, 'nothing is written')
})
