import * as fc from 'fast-check'
import { randomInt } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { signUp } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { generated } from '../volume.ts'
import { createWorld } from './world.ts'
import type { Answer } from './world.ts'
import { createWrites, numbered } from './writes.ts'
import type { Write } from './writes.ts'

const SEED = Number(process.env.VISAGE_SEED ?? randomInt(2 ** 31))
const WRITES = generated(2_000, 400)
/** Of each kind; a part may not have the rarest. */
const LEAST = generated(4, 0)
/** At most so many times as many writes, until each kind was done so often. */
const ROUNDS = 5
/** So often everything that is stored is compared; in between which rows and files there are, and how many. */
const LOOKED_AT = 10
/** What moves by itself, and what only a real write settles. */
const ASIDE = new Set(['requestId', 'version', 'updatedAt', 'createdAt', 'isOnline', 'lastSeenAt', 'dryRun', 'changes', 'accounts', 'values', 'breaks'])

const KINDS = [
  'POST /people', 'PATCH /people/{id}', 'PATCH /me', 'POST /fields', 'PATCH /fields/{key}', 'DELETE /fields/{key}',
  ...['/me', '/people/{id}'].flatMap((place) => ['avatar', 'cover'].flatMap((kind) => ['PUT', 'PATCH', 'DELETE'].map((method) => `${method} ${place}/${kind}`))),
]

/** An answer without what may differ: the names of pictures, times, the id of somebody new. */
function told (body: object, isNew = false): Record<string, unknown> {
  const text = JSON.stringify(body, (name, value: unknown) => ASIDE.has(name) || (isNew && name === 'id') ? undefined : value)
  return JSON.parse(text.replaceAll(/[0-9a-f]{32}((?:-\d+)?\.webp)(\?[^"]*)?/g, '$1')) as Record<string, unknown>
}

/** What NATIVE calls `changes`, of how something was and is: of a person each declared field by itself. */
function between (before: Record<string, unknown>, after: Record<string, unknown>): Record<string, unknown> {
  const flat = ({ attributes = {}, hidden: _, id: __, ...fields }: Record<string, unknown>) =>
    new Map([...Object.entries(fields), ...Object.entries(attributes as object).map(([key, value]): [string, unknown] => [`attributes.${key}`, value])])
  const [from, to] = [flat(before), flat(after)]
  const pairs = [...new Set([...from.keys(), ...to.keys()])].map((name) => [name, { from: from.get(name) ?? null, to: to.get(name) ?? null }] as const)
  return Object.fromEntries(pairs.filter(([, { from, to }]) => !isDeepStrictEqual(from, to)))
}

t.test('a dry run answers what the write then does, and leaves nothing', async (t) => {
  const world = await createWorld(t)
  const { core, ada, grace, hedy, send, stored, written, settled, rulesOf } = world
  for (const [key, rules] of [['motto', {}], ['shoe_size', { type: 'integer' }], ['desk', { write: 'staff' }], ['badge', { write: 'admin' }], ['birthplace', { isEditable: false }]] as const) {
    await core.profileFields.declare(OPERATOR, { key, ...rules })
  }
  for (const name of ['one', 'two']) await core.groups.create(OPERATOR, { name })
  const others = await Promise.all(['carl', 'dora', 'emil'].map((name) => signUp(world, name)))
  const files = await Promise.all([picture({ width: 40, height: 30 }), picture({ width: 24, height: 24, format: 'jpeg' })])
  const writes = createWrites({ ada, grace, hedy, others }, files)
  const wrong: string[] = []
  const seen = new Map<string, number>()

  /** A dry run, and whether it left anything; what is done meanwhile by itself is not done again when it is repeated. */
  async function rehearsed ({ who, method, path, body, headers }: Write, isWhole: boolean): Promise<[Answer, isUntouched: boolean]> {
    const look = isWhole ? stored : written
    for (let tries = 3; ; tries--) {
      const before = look()
      const answer = await send(who, method, `${path}${path.includes('?') ? '&' : '?'}dryRun=true`, body, headers)
      await settled()
      const isUntouched = look() === before
      if (isUntouched || tries === 1) return [answer, isUntouched]
    }
  }

  let tried = 0
  async function compareBoth (general: Write): Promise<void> {
    const i = tried++
    const write = { ...general, body: numbered(general.body, i) }
    const { who, method, path, field, body, headers } = write
    const isNew = method === 'POST' && field === undefined
    const read = async (id?: unknown) => field !== undefined ? rulesOf(field) : (await send(who, 'GET', isNew ? `/people/${String(id)}` : path.replace(/\/(avatar|cover)$/, ''))).body
    const before = isNew ? {} : await read()
    const [dry, isUntouched] = await rehearsed(write, i % LOOKED_AT === 0)
    const real = await send(who, method, path, body, headers)
    await settled()
    const isGood = real.status < 300
    const name = `${method} ${path.replace(/people\/\d+/, 'people/{id}').replace(/fields\/\w+.*/, 'fields/{key}')} ${isGood ? 'done' : real.status}`
    seen.set(name, (seen.get(name) ?? 0) + 1)

    const faults = isUntouched ? [] : ['the dry run left something']
    if (real.status >= 500) faults.push(`answered ${real.status}`)
    const compare = (what: string, a: unknown, b: unknown) => { if (!isDeepStrictEqual(a, b)) faults.push(`${what}: ${JSON.stringify(a)}, then ${JSON.stringify(b)}`) }
    if (dry.status !== (isGood ? 200 : real.status)) faults.push(`dry run ${dry.status} ${dry.text.slice(0, 300)}, then ${real.status} ${real.text.slice(0, 300)}`)
    else if (isGood) {
      compare('changes', told({ ...dry.body.changes as object }), told(between(before, await read(real.body.id))))
      compare('answers', told(dry.body, isNew), told(real.body, isNew))
      compare('said to be one', dry.body.dryRun, true)
    } else compare('errors', told(dry.body), told(real.body))
    if (faults.length > 0) wrong.push(`${i} ${who.username} ${method} ${path} ${Buffer.isBuffer(body) ? '(bytes)' : JSON.stringify(body)} ${JSON.stringify(headers)}\n  ${faults.join('\n  ')}`)
  }
  const seldom = () => KINDS.filter((kind) => (seen.get(`${kind} done`) ?? 0) < LEAST)
  for (let round = 0; round === 0 || (round < ROUNDS && seldom().length > 0); round++) {
    for (const write of fc.sample(writes, { numRuns: WRITES, seed: SEED + round })) await compareBoth(write)
  }
  t.same(seldom(), [], 'every kind was done')
  t.comment(`VISAGE_SEED=${SEED}; ${[...seen].sort().map(([name, times]) => `${name}: ${times}`).join(', ')}`)
  t.same(wrong.slice(0, 5), [], `${wrong.length} of ${tried} wrong, VISAGE_SEED=${SEED}`)
})
