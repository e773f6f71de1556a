import type { Params } from '../../src/core/errors.ts'
import type { ImageKind } from '../../src/images/formats.ts'
import type { Property } from '../validation.ts'
import { allowanceOf } from './allowance.ts'
import type { Allowance, Encoding } from './allowance.ts'

export interface Schema extends Property { properties: Record<string, Property> }

/** What a route's schema says of its body, worked out once. */
export interface Fields {
  schema: Schema
  /** The names under which a form brings pictures as files. */
  files: ReadonlyMap<string, { kind: ImageKind, maxBytes: number }>
  /** The names under which pictures come as base64. */
  base64: ReadonlyMap<string, ImageKind>
  /** What each of those may be, in bytes, for whoever sends more. */
  told: Params
}

export function fieldsOf ({ properties = {}, ...said }: Partial<Schema>, maxBytes: Record<ImageKind, number>): Fields {
  const pictures = Object.entries(properties).flatMap(([name, { image }]) => image === undefined ? [] : [{ name, ...image }])
  const base64 = new Map(pictures.filter((picture) => picture.base64).map(({ name, kind }) => [name, kind]))
  const files = new Map(pictures.filter((picture) => !picture.base64).map(({ name, kind }) => [name, { kind, maxBytes: maxBytes[kind] }]))
  const told = Object.fromEntries([...base64.values()].map((kind) => [kind, maxBytes[kind]]))
  return { schema: { ...said, properties }, files, base64, told }
}

/** What bodies may be, worked out once for every schema: the same object, until declared fields change it. */
export function createAllowances (maxBytes: Record<ImageKind, number>) {
  const known = new WeakMap<Schema, Record<Encoding, Allowance>>()

  return (schema: Schema): Record<Encoding, Allowance> => {
    const found = known.get(schema)
    if (found !== undefined) return found
    const of = (encoding: Encoding) => allowanceOf(schema, maxBytes, encoding)
    const allowances = { json: of('json'), urlencoded: of('urlencoded'), multipart: of('multipart') }
    known.set(schema, allowances)
    return allowances
  }
}
