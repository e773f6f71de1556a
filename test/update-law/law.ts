import * as fc from 'fast-check'
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import sharp from 'sharp'
import type { Test } from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import type { Finding } from '../../src/core/fsck/index.ts'
import { build, form, signUp, tokenOf } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { generated } from '../volume.ts'
import { AS_OBJECTS, bodyOf, ENCODINGS, ORIGIN } from './bodies.ts'
import { cases } from './cases.ts'
import type { Case, Columns, Kind } from './cases.ts'
import { KINDS, NEW_PICTURE, OUTCOMES, outcomeOf } from './cuts.ts'
import { NEWLY_DECLARED } from './declared.ts'
import { FAMILIES, GROUPS, measuresOf, POOL } from './families.ts'
import type { Family } from './families.ts'
import { differences, expected, openRows, saidOf } from './rows.ts'
import type { Mould, Row } from './rows.ts'
import type { Value } from './values.ts'

const SEED = Number(process.env.VISAGE_SEED ?? randomInt(2 ** 31))
/** So many cases at a time, until every field was said often enough in every encoding; the whole is as many at least. */
const ROUND = 50
const LEAST = generated(10, 1)
const MOST = 40
/** A person writes their own profile, so those must be able to sign in; staff reach ordinary people only. */
const ROLES: Record<keyof typeof FAMILIES, Columns> = { community: { is_active: 1 }, admin: {}, staff: { is_staff: 0, is_admin: 0 }, personal: { is_active: 1 }, me: { is_active: 1 }, ofAdmin: {}, ofStaff: { is_staff: 0, is_admin: 0 } }

/**
 * DESIGN §4: for every subset of a family's fields and all values that an encoding can express, the stored row is the same
 * in every encoding, and nothing but what was named has moved. VISAGE_SEED repeats a run.
 */
export async function uphold (t: Test, ...names: (keyof typeof FAMILIES)[]): Promise<void> {
  const began = Date.now()
  const built = await build(t, { publicUrl: ORIGIN })
  const admin = await tokenOf(built, await signUp(built, 'zadmin', { isAdmin: true }))
  const staff = await tokenOf(built, await signUp(built, 'zstaff', { isStaff: true }))
  // With API tokens; one that a deactivation has ended counts again in the next case.
  const twins = await Promise.all(ENCODINGS.map(async (encoding, i) => {
    const { id } = await signUp(built, `twin-${i}`)
    return { encoding, mark: 'abcd'.charAt(i), id, headers: await tokenOf(built, { id }) }
  }))
  for (const name of ['one', 'two', 'three', 'four']) await built.core.groups.create(OPERATOR, { name })
  const sitter = await signUp(built, 'sitter')
  t.same((await built.core.groups.list({ limit: 9, offset: 0 })).groups.map(({ id }) => id), GROUPS)
  for (const [key, rules] of NEWLY_DECLARED) await built.core.db.write((tx) => tx.profileFields.insert(key, rules, Date.now()))
  const formats = ['png', 'jpeg', 'webp', 'gif'] as const
  const colours = Array.from({ length: POOL }, (_, i) => ({ r: 40 * i, g: 255 - 40 * i, b: 90 }))
  const pool = await Promise.all(colours.map((colour, i) => {
    const [width, height] = measuresOf(i)
    return picture({ format: formats[i % formats.length] ?? 'png', width, height, colour })
  }))
  const rows = openRows(built.dataDir)
  t.teardown(rows.close)
  const moulds: Record<Kind, Mould>[] = []
  for (const [width, height] of [[36, 20], [18, 40]] as const) {
    const file = await picture({ width, height })
    const { payload, headers } = form([['avatar', { file }], ['cover', { file }]])
    const response = await built.app.inject({ method: 'PATCH', url: FAMILIES.community.path(sitter.id), payload, headers: { ...headers, ...await tokenOf(built, sitter) } })
    t.equal(response.statusCode, 200)
    moulds.push({ avatar: rows.mould('avatar', sitter.id), cover: rows.mould('cover', sitter.id) })
  }

  /** The pixels of a stored picture, which must be those of the one that was sent. */
  async function pixels (kind: Kind, stored: string, sent: number): Promise<Buffer> {
    const { data, info } = await sharp(readFileSync(join(built.dataDir, 'media', `${kind}s`, `${stored}.webp`))).removeAlpha().raw().toBuffer({ resolveWithObject: true })
    const wanted = Object.values(colours[sent] ?? {})
    const isNear = [...data.subarray(-3)].every((value, i) => Math.abs(value - (wanted[i] ?? 0)) <= 16)
    if (`${info.width}x${info.height}` !== measuresOf(sent).join('x') || !isNear) throw new Error(`${kind}: not the picture that was sent`)
    return data
  }

  for (const name of names) {
    const family: Family = FAMILIES[name]
    const said = new Map<string, number>()
    const outcomes = new Map<string, number>()
    let requests = 0
    let pictures = 0

    async function holds (one: Case): Promise<void> {
      rows.put(one.base, twins, moulds)
      // What is put there without the service's knowledge.
      await built.core.db.write(async (tx) => { for (const { id } of twins) await tx.search.renew(id) })
      const since = Date.now()
      const wrong: string[] = []
      const named = saidOf(one.values, family.columns)
      const isLenient = family.isStrict === true && one.ignored.length > 0
      const stored: { row: Row, wanted: Row | undefined }[] = []
      await Promise.all(twins.map(async ({ id, mark, encoding, headers }) => {
        const actor = family.actor === undefined ? headers : family.actor.isAdmin ? admin : staff
        const isWholeAsked = family.isStrict && Object.entries(one.values).some(([field, { means }]) => means === 'same' && AS_OBJECTS.has(field))
        const whole = isWholeAsked ? (await built.app.inject({ url: family.path(id), headers: actor })).json<Record<string, unknown>>() : undefined
        const body = bodyOf(one, encoding, { family, pool, mark, whole })
        if (body === undefined) return
        const before = rows.read(id)
        const response = await built.app.inject({ method: one.method as 'PUT', url: family.path(id), payload: body.payload, headers: { ...actor, ...body.headers, ...isLenient && { prefer: 'handling=lenient' } } })
        const after = rows.read(id)
        const { status, row: wanted, faults } = expected(before, one.values, family, { mark, isLenient })
        stored.push({ row: after, wanted })
        const found = differences(before, after, wanted ?? before, since, began)
        if (response.statusCode !== status || !isTold(response.body, faults, family)) found.unshift(`answered ${response.statusCode} ${response.body}, must be ${status} ${faults.join()}`)
        if (found.length > 0) wrong.push(`${encoding}\n  ${found.join('\n  ')}\n  sent ${printable(body.payload)}`)
        requests++
        for (const field of Object.keys(one.values)) count(said, `${field} in ${encoding}`)
        for (const kind of KINDS) count(outcomes, outcomeOf(kind, named, wanted))
      }))
      if (wrong.length === 0) await samePictures(named, stored)
      if (wrong.length > 0) throw new Error(wrong.join('\n'))
    }

    async function samePictures (named: [column: string, Value][], stored: { row: Row, wanted: Row | undefined }[]): Promise<void> {
      for (const kind of KINDS) {
        const fresh = stored.filter(({ wanted }) => wanted?.[kind] === NEW_PICTURE).map(({ row }) => String(row[kind]).slice(1, -1))
        const sent = named.find(([column, { means }]) => column === kind && means === 'picture')?.[1].file as number | undefined
        const noted = fresh.map((name) => rows.files(kind, name))
        const shown = sent === undefined ? [] : await Promise.all(fresh.map((name) => pixels(kind, name, sent)))
        if (!noted.every((files) => files === noted[0]) || !shown.every((data) => data.equals(shown[0] as Buffer))) throw new Error(`${kind}: ${NEW_PICTURE}, but not the same in every encoding`)
        pictures += fresh.length
      }
    }

    const fields = Object.keys(family.values)
    const isFile = (field: string) => field === 'cover' || field === 'avatar'
    // With fewer cases, and the whole of a picture can be sent back in JSON alone.
    const [texts, files] = family.isStrict ? [14, 8] : [generated(60, 20), generated(20, 7)]
    const least = fields.flatMap((field) => ENCODINGS.map((encoding) => [`${field} in ${encoding}`, isFile(field) ? files : texts] as const))
    const missing = () => ({
      outcomes: OUTCOMES.filter((outcome) => (outcomes.get(outcome) ?? 0) < 2),
      said: least.filter(([what, count]) => (said.get(what) ?? 0) < count),
    })
    const started = performance.now()
    let failed = false
    for (let round = 0; !failed && (round < LEAST || (round < MOST && Object.values(missing()).flat().length > 0)); round++) {
      const seed = SEED + round
      const result = await fc.check(fc.asyncProperty(cases(family, ROLES[name]), holds), { seed, numRuns: ROUND })
      t.comment(`${name}: ${result.numRuns} cases, ${requests} requests, ${pictures} pictures, ${Math.round(performance.now() - started)} ms; VISAGE_SEED=${seed}`)
      const [smallest] = result.counterexample ?? []
      t.notOk(result.failed, `${name}, VISAGE_SEED=${seed}`, smallest === undefined ? {} : {
        failure: result.errorInstance instanceof Error ? result.errorInstance.message : String(result.errorInstance),
        case: { method: smallest.method, values: smallest.values, ignored: smallest.ignored, cuts: smallest.base.cuts },
        shrunk: result.numShrinks,
      })
      failed = result.failed
    }
    if (failed) continue
    t.comment(`cuts: ${[...outcomes].map(([outcome, times]) => `${times} ${outcome}`).join(', ')}`)
    t.same(missing(), { outcomes: [], said: [] }, 'every field was said often in every encoding, and cuts of every kind')
    const astray: Finding[] = []
    await built.core.fsck.run({ onFinding: (finding) => { if (/^(index|database)_|check_failed/.test(finding.code)) astray.push(finding) } })
    t.same(astray, [], 'H everybody is found by what they say')
  }
}

/** Whether an answer tells what is at fault: a strict family all of it and nothing else. */
function isTold (body: string, faults: string[], { isStrict }: Family): boolean {
  if (!isStrict) return faults.every((field) => body.includes(field))
  const { errors = [] } = JSON.parse(body) as { errors?: { field: string }[] }
  return isDeepStrictEqual(errors.map(({ field }) => field).sort(), faults)
}

const printable = (payload: Buffer | string): string => JSON.stringify(payload.toString('latin1').replace(/[A-Za-z0-9+/=]{200,}/g, '…').slice(0, 1_500))

function count<K> (of: Map<K, number>, what: K | undefined): void {
  if (what !== undefined) of.set(what, (of.get(what) ?? 0) + 1)
}
