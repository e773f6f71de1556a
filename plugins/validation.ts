import { Ajv } from 'ajv'
import type { ErrorObject, FuncKeywordDefinition, SchemaValidateFunction, ValidateFunction } from 'ajv'
import fp from 'fastify-plugin'
import { isCrop, isEmail, isFocus, isLatLng, isUrl, isUsername, toDate } from '../src/core/formats.ts'
import { isText } from '../src/core/texts.ts'
import { StagedImage } from '../src/images/stage.ts'
import type { ImageKind } from '../src/images/formats.ts'
import type { Declared } from './declared.ts'

/** What the body's reader and the validator look at in one property of a schema. */
export interface Property {
  type?: string | string[]
  format?: string
  pattern?: string
  enum?: unknown[]
  maxLength?: number
  maxItems?: number
  /** Of a list: what it holds. */
  items?: Property
  /** Of an object: what it holds. */
  properties?: Record<string, Property>
  declared?: Declared
  /** Of a list as a body: what all of it may be. Absent: the longest that each of its items can be. */
  maxBytes?: number
  /** Only shown; who sends it back sends it as it was shown. */
  readOnly?: boolean
  /** The property is a picture. `base64`: it comes as text. `blankClears`: an empty text in JSON means null. */
  image?: { kind: ImageKind, base64?: boolean, blankClears?: boolean }
}

const isFile = (value: unknown): boolean => value instanceof StagedImage

const isPicture: SchemaValidateFunction = (_schema: unknown, value: unknown) => {
  isPicture.errors = [{ keyword: 'image', params: { files: Array.isArray(value) ? value.filter(isFile).length : 0 } }]
  return value === null || isFile(value)
}

const image: FuncKeywordDefinition = { keyword: 'image', errors: true, validate: isPicture }

// All schemas are our own, and a test holds them to their schema: to compile that one takes longer than any of ours, in the first request.
const ajv = new Ajv({ coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: true, verbose: true, allowUnionTypes: true, meta: false, validateSchema: false, code: { optimize: false } })
ajv.addKeyword(image)
ajv.addVocabulary(['declared', 'maxBytes'])
ajv.addFormat('text', isText)
ajv.addFormat('lines', isText)
ajv.addFormat('phone', isText)
ajv.addFormat('password', isText)
ajv.addFormat('binary', true)
ajv.addFormat('username', isUsername)
ajv.addFormat('email', isEmail)
ajv.addFormat('uri', (value) => value === '' || isUrl(value))
ajv.addFormat('latlng', (value) => value === '' || isLatLng(value))
ajv.addFormat('focus', (value) => value === '' || isFocus(value))
ajv.addFormat('crop', (value) => value === '' || isCrop(value))
ajv.addFormat('date', (value) => toDate(value) === value)

type Validator = ((value: unknown) => boolean) & { errors?: ErrorObject[] | null }
const validators = new WeakMap<object, Validator>()

/**
 * Judges by a schema. What it says does not depend on the application that asks, so several in one process compile it once,
 * and not before the first request needs it: all of them together take longer than the rest of a start. One that cannot be
 * compiled throws then.
 */
export function validatorOf (schema: object): Validator {
  const known = validators.get(schema)
  if (known !== undefined) return known
  let compiled: ValidateFunction | undefined
  const validator: Validator = (value) => {
    compiled ??= ajv.compile(schema)
    const isValid = compiled(value)
    validator.errors = compiled.errors ?? null
    return isValid
  }
  validators.set(schema, validator)
  return validator
}

/** Schemas judge and change nothing: no coercion, no defaults, no removing; all errors are found at once. */
export default fp(async (app) => {
  app.setValidatorCompiler(({ schema }) => validatorOf(schema as object))
}, { name: 'validation' })
