import type { FastifyRequest } from 'fastify'
import type { FieldError, FieldErrorCode, Params } from '../src/core/errors.ts'
import { typeOf } from '../src/core/formats.ts'
import { faultOf } from '../src/core/texts.ts'
import type { Names } from './names.ts'

type Body = Record<string, unknown>

interface SchemaError {
  instancePath: string
  keyword: string
  params: Record<string, unknown>
  data?: unknown
  parentSchema?: { type?: string | string[], format?: string }
}

/** `wire`: the name that the client used, where the family itself found the fault; by then the value has left the body. */
export interface WireFinding extends FieldError { wire?: string }

/**
 * What validation found, in the core's words (those of the route, or of its family); the failing keys leave the body. A value that the family itself shows for
 * the account is kept without being judged, so that a whole object can be sent back (CONTRACT §5 rows 5–8).
 */
export function findingsOf (request: FastifyRequest, shown?: () => object, isSame: (sent: unknown, shown: unknown) => boolean = Object.is): FieldError[] {
  const ofFamily = request.server.family?.findings?.(request) ?? []
  const errors = (request.validationError?.validation ?? []) as unknown as SchemaError[]
  if (errors.length === 0) return ofFamily
  const names = request.routeOptions.config.names ?? request.server.family.voice.names
  return [...foundIn(request.body as Body, errors, names, shown, isSame), ...ofFamily]
}

/** What a schema's errors say of an object, from which the failing keys are taken. */
export function foundIn (body: Body, errors: readonly SchemaError[], names: Names, shown?: () => object, isSame: (sent: unknown, shown: unknown) => boolean = Object.is): FieldError[] {
  const current = (shown?.() ?? {}) as Body
  const findings = new Map<string, WireFinding>()
  for (const error of errors) {
    const name = error.keyword === 'required' ? String(error.params.missingProperty) : error.instancePath.split('/')[1] ?? ''
    const isUnchanged = name in body && name in current && (isSame(body[name], current[name]) || (error.keyword === 'image' && isSameAddress(body[name], current[name])))
    const finding = { field: names[name] ?? name, wire: name, ...describe(error) }
    const known = findings.get(name)
    if (!isUnchanged && (known === undefined || rank(finding.code) < rank(known.code))) findings.set(name, finding)
  }
  for (const error of errors) delete body[error.instancePath.split('/')[1] ?? '']
  return [...findings.values()]
}

/** The address of a picture that not everybody may see is signed, and the signature changes. */
const isSameAddress = (a: unknown, b: unknown): boolean => typeof a === 'string' && typeof b === 'string' && a.split('?')[0] === b.split('?')[0]

/** Of several errors in one value the first of these is told. */
const RANKED: FieldErrorCode[] = ['null', 'not_a_string', 'blank', 'null_characters', 'max_length']
const rank = (code: FieldErrorCode): number => RANKED.includes(code) ? RANKED.indexOf(code) : RANKED.length

const FORMATS: Record<string, FieldErrorCode> = { email: 'invalid_email', uri: 'invalid_url', username: 'invalid_username', date: 'invalid_date', latlng: 'invalid_value', focus: 'invalid_value', crop: 'invalid_value' }
const TYPES: Record<string, FieldErrorCode> = { string: 'not_a_string', boolean: 'invalid_boolean', integer: 'invalid_integer', array: 'not_a_list', object: 'not_an_object' }

function describe (error: SchemaError): { code: FieldErrorCode, params?: Params } {
  const { keyword, params, data, parentSchema } = error
  const isInList = error.instancePath.split('/').length > 2 && parentSchema?.type !== 'string'
  if (isInList && keyword === 'minimum') return { code: 'does_not_exist', params: { id: asText(data) } }
  if (isInList) return { code: 'incorrect_type', params: { type: typeOf(data) } }
  if (keyword === 'required') return { code: 'required' }
  if (data === null) return { code: 'null' }
  if (keyword === 'enum') return { code: 'invalid_choice', params: { value: asText(data) } }
  if (keyword === 'minLength') return params.limit === 1 ? { code: 'blank' } : { code: 'min_length', params: lengthOf(params, data) }
  if (keyword === 'maxLength') return { code: 'max_length', params: lengthOf(params, data) }
  if (keyword === 'minimum') return { code: 'min_value', params: { limit: Number(params.limit) } }
  if (keyword === 'maximum') return { code: 'max_value', params: { limit: Number(params.limit) } }
  if (keyword === 'image') return Number(params.files) > 0 ? { code: 'repeated_file', params: { limit: 1, found: Number(params.files) } } : { code: 'not_a_file' }
  if (keyword === 'format') return { code: FORMATS[parentSchema?.format ?? ''] ?? (typeof data === 'string' ? faultOf(data) : undefined) ?? 'not_a_string' }
  if (keyword !== 'type') return { code: 'invalid_value' }
  const type = [parentSchema?.type].flat()[0] ?? ''
  const code = parentSchema?.format === 'date' ? 'invalid_date' : TYPES[type] ?? 'invalid_value'
  return code === 'not_a_list' || code === 'not_an_object' ? { code, params: { type: typeOf(data) } } : { code }
}

/** Of a text: its limit, and how many characters there are. */
const lengthOf = (params: Record<string, unknown>, text: unknown): Params => ({ limit: Number(params.limit), found: [...String(text)].length })

const TOLD = 100
/** A value as it is told back: never long, and a nested one not at all, for it may be deeper than the stack. */
function asText (value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[…]' : '{…}'
  return String(value).slice(0, TOLD).toWellFormed()
}
