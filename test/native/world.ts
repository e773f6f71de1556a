import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Options } from '../../src/app.ts'
import { given, namesOf, openSql, sumOf } from '../engines.ts'
import { build, signUp } from '../helper.ts'
import type { Person } from '../helper.ts'

export interface Answer { status: number, type: string, etag: string | undefined, body: Record<string, unknown>, text: string }
type Payload = object | string | Buffer

/** A service with ada, who is nobody special, grace of the staff, and hedy, an admin. */
export async function createWorld (t: Test, options: Options = {}) {
  const built = await build(t, options)
  const [ada, grace, hedy] = [await signUp(built, 'ada'), await signUp(built, 'grace', { isStaff: true }), await signUp(built, 'hedy', { isAdmin: true })]
  const raw = openSql(built.dataDir, { readonly: true })
  t.teardown(() => raw.close())
  const tables = namesOf(raw)
  const selects = tables.map((name) => [name, raw.prepare(`select * from "${name}"`)] as const)

  /** Sends a request, as somebody or as nobody. */
  async function send (who: Person | null, method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, payload?: Payload, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await built.app.inject({ method, url: `/v1${path}`, headers: { ...who?.headers, ...headers }, ...payload !== undefined && { payload } })
    const type = String(response.headers['content-type'] ?? '')
    return { status: response.statusCode, type, etag: response.headers.etag as string | undefined, body: type.includes('json') ? response.json() : {}, text: response.body }
  }

  /** Everything that is stored: each row of each table, and the names of all files. */
  function stored (): string {
    const rows = raw.transaction(() => selects.map(([name, select]) => [name, select.all()]))()
    return JSON.stringify([rows, readdirSync(join(built.dataDir, 'media'), { recursive: true }).sort(), readdirSync(join(built.dataDir, 'staging'))], (_key, value: unknown) => Buffer.isBuffer(value) ? value.toString('hex') : value)
  }

  const counts = tables.map(sumOf).filter((count) => !/_(?:idx|config|contacts)"/.test(count))
  const sums = raw.prepare(`select ${counts.join()}, ${given}, (select total(version) || ':' || total(updated_at) || ':' || total(length(attributes)) from users)`).raw()
  const files = () => ['media', 'staging'].map((folder) => readdirSync(join(built.dataDir, folder), { recursive: true }).length)
  /** Until what requests have staged is gone, which is after they are answered. */
  async function settled (): Promise<void> {
    while (readdirSync(join(built.dataDir, 'staging')).length > 0) await nextTurn()
  }
  /** The same as a stamp that is quickly taken: how many rows and files there are, and which. */
  const written = (): string => JSON.stringify([sums.get(), files()])

  /** The rules of a declared field, as they are stored. */
  const rules = raw.prepare<[string], Record<string, string | number>>(`select label, type, options, is_mandatory as "isMandatory", is_editable as "isEditable", is_searchable as "isSearchable", read, write from profile_fields where key = ? and dropped_at is null`)
  function rulesOf (key: string): Record<string, unknown> {
    const flags = new Set(['isMandatory', 'isEditable', 'isSearchable'])
    return Object.fromEntries(Object.entries(rules.get(key) ?? {}).map(([name, value]) => [name, name === 'options' ? JSON.parse(String(value)) : flags.has(name) ? value === 1 : value]))
  }

  return { ...built, ada, grace, hedy, send, stored, written, settled, rulesOf }
}

/** What is wrong, field by field: `field code` or `field code rule`. */
export const faultsOf = ({ body }: Answer): string[] =>
  (body.errors as unknown as { field: string, code: string, rule?: string }[] | undefined ?? []).map(({ field, code, rule }) => `${field} ${code}${rule === undefined ? '' : ` ${rule}`}`)
