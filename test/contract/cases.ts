import { existsSync } from 'node:fs'
import type { LightMyRequestResponse as Response } from 'fastify'
import type { Test } from 'tap'
import { form, urlencoded } from '../helper.ts'
import type { FilePart } from '../helper.ts'
import { FAMILIES, refusal } from './families.ts'
import type { FamilyName, Finding, Method } from './families.ts'
import type { Row, World } from './world.ts'

/** In place of a stored picture's name: a new one, whose file is there. */
export const NEW_PICTURE: unique symbol = Symbol('a new picture')

export type Stored = Record<string, Row[string] | typeof NEW_PICTURE>

export interface Case {
  /** What is tried, in a sentence or in the row's own words. */
  title: string
  family: FamilyName
  /** PATCH in community and staff, PUT in personal, unless told. */
  method?: Method
  json?: unknown
  /** Sent twice: urlencoded and as multipart. */
  form?: [string, string][]
  parts?: [string, string | FilePart][]
  /** 200, and these columns (and version and updated_at) are all that changes. */
  stored?: Stored
  /** 400 with exactly this, and nothing changes. */
  refused?: Finding | Finding[]
}

export type Sent = { payload: string | Buffer, headers: Record<string, string> }

export const json = (value: unknown): Sent => ({ payload: JSON.stringify(value), headers: { 'content-type': 'application/json' } })

function encodings ({ json: value, form: pairs, parts }: Case): [string, Sent][] {
  if (pairs !== undefined) return [['urlencoded', urlencoded(pairs)], ['multipart', form(pairs)]]
  return [parts === undefined ? ['JSON', json(value)] : ['multipart', form(parts)]]
}

/** Every case in each of its encodings, each from the same stored row. */
export async function runCases (t: Test, world: World, cases: readonly Case[]): Promise<void> {
  for (const given of cases) {
    for (const [encoding, sent] of encodings(given)) {
      await t.test(`${given.family}, ${encoding}: ${given.title}`, async (t) => {
        world.reset()
        if (given.refused === undefined) await accepts(t, world, { ...given, sent, stored: given.stored ?? {} })
        else await refuses(t, world, { ...given, sent, status: 400, body: refusal(given.family, asList(given.refused)) })
      })
    }
  }
}

const asList = (refused: Finding | Finding[]): Finding[] => Array.isArray(refused[0]) ? refused as Finding[] : [refused as Finding]

interface Attempt { family: FamilyName, method?: Method, sent: Sent, headers?: Record<string, string> }

/** The edit of Ada, by whoever edits her in this family. */
export async function send (world: World, { family, method, sent, headers = {} }: Attempt): Promise<Response> {
  const { edit, actor } = FAMILIES[family]
  const target = edit(world.ada.id)
  return await world.app.inject({ ...target, method: method ?? target.method, payload: sent.payload, headers: { ...actor(world), ...sent.headers, ...headers } })
}

/** 200: the row has changed in what was promised and in nothing else, and the answer shows the row. */
export async function accepts (t: Test, world: World, attempt: Attempt & { stored: Stored }): Promise<Response> {
  const { store, ada } = world
  const before = store.row(ada.id)
  const others = withoutAda(world)
  const noted = countChanges(world, attempt.family)
  const since = Date.now()
  const response = await send(world, attempt)
  t.equal(response.statusCode, 200, response.body)
  t.equal(countChanges(world, attempt.family), noted + (Object.keys(attempt.stored).length > 0 ? 1 : 0), 'one change is noted, or none')
  const after = store.row(ada.id)
  checkStored(t, world, { before, after, stored: attempt.stored, since })
  t.strictSame(withoutAda(world), others, 'nobody else has changed')
  t.strictSame(response.json(), FAMILIES[attempt.family].view(after, store.pictures(ada.id)), 'the answer is the stored row')
  t.match(response.headers, { 'content-type': /^application\/json(; charset=utf-8)?$/, 'cache-control': 'private, no-cache', vary: /Authorization/ })
  t.match(response.headers.etag, new RegExp(`^"${after.version}-[\\w-]+"$`))
  checkBare(t, response)
  return response
}

/** Refused: exactly this body, and every table is byte for byte what it was. */
export async function refuses (t: Test, world: World, attempt: Attempt & { status: number, body: object }): Promise<Response> {
  const before = world.store.dump()
  const response = await send(world, attempt)
  t.equal(response.statusCode, attempt.status, response.body)
  t.equal(response.body, JSON.stringify(attempt.body), 'the body, in this order')
  t.match(response.headers, { 'content-type': /^application\/json(; charset=utf-8)?$/ })
  checkBare(t, response)
  t.strictSame(world.store.dump(), before, 'nothing is stored')
  return response
}

/** Headers that only other answers carry. */
function checkBare (t: Test, { headers }: Response): void {
  for (const name of ['allow', 'location', 'www-authenticate', 'set-cookie']) t.equal(headers[name], undefined)
}

function checkStored (t: Test, { set, store, ada }: World, { before, after, stored, since }: { before: Row, after: Row, stored: Stored, since: number }): void {
  const expected: Row = { ...before }
  for (const [column, value] of Object.entries(stored)) {
    if (value === NEW_PICTURE) {
      t.match(after[column], /^[0-9a-f]{32}$/)
      t.not(after[column], before[column])
      t.same(set(column as 'avatar', after[column]).filter((path) => !existsSync(path)), [], 'all sizes of the new picture are there')
    }
    if (column in { avatar: 1, cover: 1 } && before[column] !== null) t.same(set(column as 'avatar', before[column]).filter((path) => existsSync(path)), [], 'the old picture is gone in every size')
    expected[column] = value === NEW_PICTURE ? after[column] as string : value
  }
  if (stored.is_active === 0) {
    t.ok(Number(after.revoked_at) >= since, 'nothing that was shown before counts any more')
    expected.revoked_at = after.revoked_at as number
  }
  if (Object.keys(stored).length > 0) {
    expected.version = Number(before.version) + 1
    t.ok(Number(after.updated_at) >= Math.max(since, Number(before.updated_at) + 1))
    expected.updated_at = after.updated_at as number
  }
  t.strictSame(after, expected, 'the row')
  t.same([...store.pictures(ada.id).keys()].sort(), [after.avatar, after.cover].filter((name) => name !== null).sort(), 'what is known of pictures is of those that are shown')
}

const countChanges = ({ store, ada }: World, family: FamilyName): number =>
  store.sql.prepare('select count(*) from changes where user_id = ? and family = ?').pluck().get(ada.id, family) as number

function withoutAda ({ store, ada }: World): object {
  const { users = [], groups } = store.dump()
  return { users: (users as Row[]).filter(({ id }) => id !== ada.id), groups }
}
