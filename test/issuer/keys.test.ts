import { jwtVerify } from 'jose'
import t from 'tap'
import type { Test } from 'tap'
import { createKeySet } from '../../src/issuer/keys.ts'
import { AUDIENCE, ISSUER, claimsFor, newPair, openIssuer, tokenOf } from './issuer.ts'
import type { Pair } from './issuer.ts'

const MINUTE = 60_000
const COOLDOWN = 30_000
const DAY = 86_400_000

/** Keys by a clock that stands still until it is moved, and what becomes of a token. */
async function open (t: Test, ...published: Pair[]) {
  const issuer = await openIssuer(t, ...published)
  const clock = { ms: 1_000 }
  const warnings: string[] = []
  const keys = createKeySet({ url: issuer.url, now: () => clock.ms, log: { warn: (_details, message) => { warnings.push(message) } } })
  const verdict = async (pair: Pair): Promise<string> => {
    try {
      await jwtVerify(tokenOf(pair, claimsFor('ada')), keys, { issuer: ISSUER, audience: AUDIENCE })
      return 'good'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  return { issuer, clock, warnings, verdict }
}

const UNKNOWN = 'ERR_JWKS_NO_MATCHING_KEY'

t.test('keys are fetched once, when the first token comes', async (t) => {
  const pair = newPair()
  const { issuer, verdict } = await open(t, pair)
  t.equal(issuer.fetches, 0)
  t.same(new Set(await Promise.all(Array.from({ length: 50 }, () => verdict(pair)))), new Set(['good']))
  t.equal(issuer.fetches, 1)
})

t.test('200 tokens of unknown keys cost one fetch in half a minute', async (t) => {
  const pair = newPair()
  const { issuer, clock, verdict } = await open(t, pair)
  const strangers = Array.from({ length: 200 }, () => newPair())
  for (const round of [1, 2, 3]) {
    for (const stranger of strangers.slice(100)) if (await verdict(stranger) !== UNKNOWN) t.fail('a stranger came in')
    t.same(new Set(await Promise.all(strangers.slice(0, 100).map(verdict))), new Set([UNKNOWN]))
    t.equal(await verdict(pair), 'good')
    t.equal(issuer.fetches, round)
    clock.ms += COOLDOWN
  }
  issuer.answer = (_request, response) => { response.writeHead(500).end() }
  for (const stranger of strangers) if (await verdict(stranger) !== UNKNOWN) t.fail('a stranger came in')
  t.equal(issuer.fetches, 4, 'nor more of an issuer that fails')
})

t.test('an issuer that is down is tried once in half a minute as well', async (t) => {
  const pair = newPair()
  const { issuer, clock, verdict } = await open(t, pair)
  issuer.answer = (_request, response) => { response.writeHead(500).end() }
  for (const round of [1, 2, 3]) {
    for (let i = 0; i < 20; i++) if (await verdict(pair) !== 'unavailable') t.fail('without a key')
    t.equal(issuer.fetches, round)
    clock.ms += COOLDOWN
  }
  issuer.answer = undefined
  t.equal(await verdict(pair), 'good')
})

t.test('keys are exchanged', async (t) => {
  const [old, young] = [newPair(), newPair()]
  const { issuer, clock, verdict } = await open(t, old)
  t.equal(await verdict(old), 'good')

  issuer.publish(old, young)
  t.equal(await verdict(young), UNKNOWN, 'the last fetch is too near')
  clock.ms += COOLDOWN
  t.equal(await verdict(young), 'good')
  t.equal(issuer.fetches, 2)

  issuer.publish(young)
  clock.ms += 10 * MINUTE - 1
  t.equal(await verdict(old), 'good', 'nothing has asked for new keys')
  clock.ms += 1
  t.same(await Promise.all([verdict(old), verdict(old), verdict(young)]), [UNKNOWN, UNKNOWN, 'good'])
  t.equal(issuer.fetches, 3)
})

t.test('an issuer that goes down', async (t) => {
  const [pair, young] = [newPair(), newPair()]
  const { issuer, clock, warnings, verdict } = await open(t, pair)
  t.equal(await verdict(pair), 'good')
  await issuer.goDown()
  for (let minutes = 0; minutes < 24 * 60 - 1; minutes += 60) {
    t.equal(await verdict(pair), 'good', `${minutes} minutes later its keys count`)
    t.equal(await verdict(young), UNKNOWN)
    clock.ms += 60 * MINUTE
  }
  clock.ms = 1_000 + DAY
  t.equal(await verdict(pair), 'unavailable', 'a day later they do not')
  t.ok(warnings.length > 20 && warnings.every((line) => line === 'the keys of the other issuer were not fetched'))

  await issuer.comeUp()
  issuer.publish(young)
  clock.ms += COOLDOWN
  t.same(await Promise.all([verdict(pair), verdict(young)]), [UNKNOWN, 'good'])
})

t.test('while a fetch hangs, only those wait who cannot do without it', async (t) => {
  const pair = newPair()
  const { issuer, clock, verdict } = await open(t, pair)
  t.equal(await verdict(pair), 'good')
  issuer.answer = (_request, response) => { response.writeHead(500).end() }
  clock.ms += 10 * MINUTE
  t.equal(await verdict(pair), 'good')
  issuer.answer = () => undefined
  clock.ms += COOLDOWN
  const started = performance.now()
  t.equal(await verdict(pair), 'good')
  t.ok(performance.now() - started < 2_000)
})

t.test('an issuer that does not answer in time', async (t) => {
  const answers = {
    'says nothing': () => undefined,
    'begins and does not end': (_request: unknown, response: { write: (text: string) => unknown }) => { response.write('{"keys":[') },
  }
  await Promise.all(Object.entries(answers).map(async ([name, answer]) => {
    const pair = newPair()
    const { issuer, verdict } = await open(t, pair)
    issuer.answer = answer
    const started = performance.now()
    t.same(new Set(await Promise.all([verdict(pair), verdict(pair), verdict(pair)])), new Set(['unavailable']), name)
    const seconds = (performance.now() - started) / 1000
    t.ok(seconds > 4 && seconds < 8, `${name}: given up after ${seconds.toFixed(1)} s`)
    t.equal(issuer.fetches, 1)
  }))
})

t.test('an issuer that answers something else', async (t) => {
  const pair = newPair()
  const elsewhere = await openIssuer(t, pair)
  const { issuer, clock, verdict } = await open(t, pair)
  const good = JSON.stringify({ keys: [pair.jwk] })
  const bodies: Record<string, string> = {
    empty: '',
    'no JSON': '<html>',
    'a list': `[${good}]`,
    'no keys': '{}',
    'keys that are none': '{"keys":[1,null]}',
    'keys in a text': '{"keys":"none"}',
    'more than it may': `{"padding":"${'x'.repeat(300_000)}",${good.slice(1)}`,
  }
  for (const [name, body] of Object.entries(bodies)) {
    issuer.answer = (_request, response) => { response.end(body) }
    t.equal(await verdict(pair), 'unavailable', name)
    clock.ms += COOLDOWN
  }
  for (const status of [201, 204, 301, 302, 307, 404, 503]) {
    issuer.answer = (_request, response) => { response.writeHead(status, { location: elsewhere.url }).end(status === 204 ? undefined : good) }
    t.equal(await verdict(pair), 'unavailable', String(status))
    clock.ms += COOLDOWN
  }
  t.equal(elsewhere.fetches, 0, 'no redirect was followed')

  let sent = 0
  issuer.answer = (_request, response) => {
    const more = () => {
      sent += 65_536
      response.write('x'.repeat(65_536))
    }
    response.on('drain', more)
    more()
  }
  t.equal(await verdict(pair), 'unavailable', 'endless')
  t.ok(sent > 262_144 && sent < 64 * 1_024 ** 2, `${sent} bytes`)

  issuer.answer = undefined
  clock.ms += COOLDOWN
  t.equal(await verdict(pair), 'good')
})
