import t from 'tap'
import type { Test } from 'tap'
import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import { signUp } from '../helper.ts'
import type { Answer, Order } from './client.ts'
import { curl, descriptors, hasCurl, listen, send, tidy } from './listening.ts'
import type { Listening } from './listening.ts'

const MIB = 1_024 ** 2
const UNKNOWN = 999_999
/** More than the kernel takes in, so that refusing always finds unread bytes. */
const LARGE = 8 * MIB
/** More than any text may have, base64 included. */
const TOO_LARGE = 16 * MIB
/** Of the fifteen refusals: 105 answers for each client. */
const ROUNDS = 7

interface Refusal { status: number, says: RegExp, order: Omit<Order, 'isChunked' | 'manner'> }

/** What each family has to say, from CONTRACT §1.1, §2.5 and §4. */
function bodyOf (family: string, code: string, message: string): string {
  if (family === 'community') return JSON.stringify({ errors: [{ code, message }] })
  if (family === 'personal' && code === 'permission_denied') return '{"error":"Not authorized"}'
  return JSON.stringify({ detail: message })
}
/** `#` is a number; what came of a body in chunks is the least that there is. */
const exactly = (body: string): RegExp => new RegExp(`^${body.replace(/[[\]{}().*+?^$|\\]/g, '\\$&').replaceAll('it has #', 'it has (?:at least )?#').replaceAll('#', '\\d+')}$`)

async function refusals (server: Listening): Promise<Refusal[]> {
  const { port, ada } = server
  const eve = await signUp(server, 'eve')
  return server.families.flatMap(({ name, method, path, headers }) => {
    const json = { ...headers, 'content-type': 'application/json' }
    const refusal = (status: number, code: string, message: string, of: { id?: number, headers?: Record<string, string> }): Refusal => ({
      status,
      says: exactly(bodyOf(name, code, message)),
      order: { port, method, path: path(of.id ?? ada.id), headers: of.headers ?? json, body: ['{"bio":"', status === 413 ? TOO_LARGE : LARGE, '"}'] },
    })
    return [
      refusal(401, 'not_authenticated', 'Authentication credentials were not provided.', { headers: { 'content-type': 'application/json' } }),
      refusal(403, 'permission_denied', 'You do not have permission to perform this action.', { headers: { ...json, ...eve.headers } }),
      refusal(404, 'not_found', 'Not found.', { id: UNKNOWN }),
      refusal(413, 'too_large', `The request is too large: at most # bytes (it has #).${name === 'community' ? ' The avatar may have # bytes.' : ''}`, {}),
      refusal(415, 'unsupported_media_type', 'Unsupported media type "text/plain" in request.', { headers: { ...headers, 'content-type': 'text/plain' } }),
    ]
  })
}

function judge (t: Test, refusals: Refusal[], answers: Pick<Answer, 'status' | 'body' | 'error'>[]): void {
  const wrong = answers.flatMap((answer, i) => {
    const { status, says, order } = refusals[i % refusals.length] as Refusal
    return answer.status === status && says.test(answer.body) ? [] : [{ path: order.path, status, answer }]
  })
  t.same(wrong.slice(0, 3), [], `${answers.length - wrong.length} of ${answers.length} got the whole answer`)
}

t.test('a refused body does not cost the answer', async (t) => {
  const server = await listen(t)
  const all = await refusals(server)
  const before = descriptors()

  for (const manner of ['agent', 'stubborn'] as const) {
    await t.test(`a client in Node, ${manner}`, async (t) => {
      const orders = Array.from({ length: ROUNDS }, (_, round) => all.map(({ order }) => ({ ...order, isChunked: round % 2 === 1, manner }))).flat()
      const answers = await send(orders)
      judge(t, all, answers)
      t.ok(answers.length >= 100)
      t.same(answers.filter(({ headers }) => headers.connection !== 'close'), [], 'each says that the connection ends')
      await tidy(t, server, before)
    })
  }

  if (!hasCurl) t.comment('SKIPPED: there is no curl on this machine')
  else await t.test('curl', async (t) => {
    const folder = t.testdir({ large: '{"bio":"', tooLarge: '{"bio":"' })
    truncateSync(join(folder, 'large'), LARGE)
    truncateSync(join(folder, 'tooLarge'), TOO_LARGE)
    const answers = []
    for (let round = 0; round < ROUNDS; round++) {
      for (const { status, order: { method, path, port, headers } } of all) {
        const file = join(folder, status === 413 ? 'tooLarge' : 'large')
        const lines = Object.entries({ ...headers, ...round % 2 === 1 && { 'transfer-encoding': 'chunked' }, ...round % 3 === 1 && { expect: '' } })
        answers.push(curl('--request', method, '--data-binary', `@${file}`, ...lines.flatMap(([name, value]) => ['--header', `${name}: ${value}`]), `http://127.0.0.1:${port}${path}`))
        if (answers.length % 3 === 0) await Promise.all(answers)
      }
    }
    const done = await Promise.all(answers)
    judge(t, all, done)
    t.ok(done.length >= 100)
    t.same(done.filter(({ exit }) => exit !== 0).slice(0, 3), [], 'curl itself has nothing to complain of')
    await tidy(t, server, before)
  })
})

t.test('three refused uploads in a row over one kept connection', async (t) => {
  const server = await listen(t)
  const { port, ada, families } = server
  const before = descriptors()
  for (const { name, method, path, headers } of families) {
    const form = { ...headers, 'content-type': 'multipart/form-data; boundary=b' }
    const part = '--b\r\nContent-Disposition: form-data; name="avatar"; filename="avatar.png"\r\n\r\n'
    const order = (head: string, bulk: number, isChunked: boolean): Order =>
      ({ port, method, path: path(ada.id), headers: form, body: [`${part}${head}`, bulk, '\r\n--b--\r\n'], isChunked, manner: 'agent' })

    await t.test(`${name}: too large`, async (t) => {
      const answers = await send([false, true, true].map((isChunked) => order('\x89PNG\r\n\x1a\n', 32 * MIB, isChunked)))
      t.same(answers.map(({ status, error }) => error ?? status), [413, 413, 413])
    })
    await t.test(`${name}: not a picture`, async (t) => {
      const answers = await send([1, 2, 3].map(() => order('just a text', 2 * MIB, false)))
      t.same(answers.map(({ status, error }) => error ?? status), [400, 400, 400])
      t.equal(new Set(answers.map(({ from }) => from)).size, 1, 'a body that was read to its end does not end the connection')
    })
  }
  await tidy(t, server, before)
})
