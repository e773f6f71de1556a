/** The longest that a token may live: ten years, in seconds. */
export const LONGEST = 3_650 * 86_400
const HUGE = '9'.repeat(400)
const MAX = Number.MAX_SAFE_INTEGER

/** A number as JSON has it, and the whole number that a client means by it; undefined for none that can be told. */
export const NUMBERS: [raw: string, meant: number | undefined][] = [
  ['0', 0], ['-0', 0], ['-1', -1], ['1', 1], ['1.0', 1], ['1e0', 1], ['0.5', undefined], [`${LONGEST}`, LONGEST], [`${LONGEST + 1}`, LONGEST + 1],
  ['2147483647', 2_147_483_647], ['2147483648', 2_147_483_648], ['4294967296', 4_294_967_296], ['1e13', 1e13], [`${MAX}`, MAX], [`-${MAX}`, -MAX],
  ['"1"', 1], ['"-1"', -1], ['"-0"', 0], ['" 1 "', 1], ['"0099999"', 99_999], ['"+1"', undefined], ['"1.0"', undefined], ['"1e3"', undefined], ['"0x10"', undefined], ['"NaN"', undefined], ['"Infinity"', undefined],
  ['"9007199254740992"', undefined], [`"${HUGE}"`, undefined], ['true', undefined], ['[1]', undefined], ['{}', undefined],
]

/** What no JSON number can be, or no double can hold: the whole body is refused. */
export const UNREADABLE = ['NaN', 'Infinity', '-Infinity', '+1', '01', '0x10', '9007199254740992', '-9007199254740992', '1e21', '1e308', '1e400', '-1e400', HUGE]

/** What people and programs write where a path or a query has a number. */
export const TEXTS = [
  '0', '-0', '-1', '1', '+1', '007', '1.0', '0.5', '1e3', '2147483648', '999999999999999', '-999999999999999', '9007199254740991', '9007199254740992', '1e13', '1e21', '1e308', '1e400',
  'NaN', 'Infinity', '0x10', '٣', HUGE, '', '0001-01-01', '9999-12-31', '0000-01-01', '10000-01-01', '-0001-01-01', '2024-02-30', '0,0', '-90,-180', '90,180', '90.0001,0', '1e1,1e1', '-30', '45+',
]

interface Schema { $ref?: string, type?: string | string[], properties?: Record<string, Schema>, items?: Schema }
interface Operation { parameters?: { in: string, name: string }[], requestBody?: { content: Record<string, { schema: Schema }> } }
export interface Doc { paths: Record<string, Record<string, Operation>> }

export interface Target {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  /** The parameters of its query, and those of its path. */
  queries: string[]
  params: string[]
  /** Where its body holds whole numbers: `reputation`, `attributes.shoe`, `groups[]`. */
  integers: string[]
}

/** Every operation of the running server, by its own document. */
export function targetsOf (doc: Doc): Target[] {
  const resolved = (schema: Schema): Schema => schema.$ref === undefined ? schema
    : schema.$ref.split('/').slice(1).reduce((at, name) => (at as Record<string, object>)[name] as object, doc as object) as Schema
  const integersIn = (schema: Schema, at: string): string[] => {
    const { type, properties = {}, items } = resolved(schema)
    const inner = Object.entries(properties).flatMap(([name, property]) => integersIn(property, at === '' ? name : `${at}.${name}`))
    return [...[type].flat().includes('integer') ? [at] : [], ...inner, ...items === undefined ? [] : integersIn(items, `${at}[]`)]
  }
  return Object.entries(doc.paths).flatMap(([path, operations]) => Object.entries(operations).map(([method, { parameters = [], requestBody }]): Target => {
    const named = (place: string) => parameters.filter((parameter) => parameter.in === place).map(({ name }) => name)
    const schema = requestBody?.content['application/json']?.schema
    return { method: method.toUpperCase() as Target['method'], path, queries: named('query'), params: named('path'), integers: schema === undefined ? [] : integersIn(schema, '') }
  }))
}
