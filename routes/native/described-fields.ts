import type { FastifyRequest } from 'fastify'
import { SEARCHED } from '../../src/core/directory/index.ts'
import { ruleAgainst, ruleAgainstDeclared } from '../../src/core/access.ts'
import type { FieldRules } from '../../src/core/fields/declarations.ts'
import { ATTRIBUTE_MAX } from '../../src/core/fields/attributes.ts'
import type { ProfileField } from '../../src/core/fields/attributes.ts'
import { FIELDS } from '../../src/core/fields/index.ts'
import { AUDIENCES, ruleOf } from '../../src/core/fields/visibility.ts'
import type { Account } from '../../src/core/people/users.ts'
import { targetOf } from '../request.ts'
import { PatchSchema } from './bodies.ts'
import { PersonSchema } from './schemas.ts'

interface Property { type?: string | string[], format?: string, enum?: (string | null)[], maxLength?: number, image?: object }

/** The built-in fields that this family shows. */
export function builtIn (request: FastifyRequest) {
  const patch = PatchSchema.properties as Record<string, Property>
  return Object.keys(PersonSchema.properties).flatMap((key) => {
    const field = FIELDS[key as keyof Account] as (typeof FIELDS)[keyof Account] | undefined
    if (field === undefined || key === 'attributes') return []
    const { enum: choices = null, maxLength = null, ...property } = { ...PersonSchema.properties[key as 'bio'] as Property, ...patch[key] }
    const rule = field.write === 'never' || key === 'visibility' ? 'never' : key === 'email' ? 'confirm' : ruleAgainst(request.actor, key as 'bio') ?? null
    const shared = {
      key,
      isDeclared: false,
      label: '',
      choices,
      maxLength,
      isMandatory: key === 'username',
      isEditable: field.write !== 'never',
      isSearchable: (SEARCHED as readonly string[]).includes(key),
      read: field.read,
      write: field.write,
      canWrite: rule === null,
      rule,
    }
    return [{ ...shared, type: typeOf(property, choices), audiences: audiencesFrom(ruleOf(key, [])) }]
  })
}

function typeOf ({ type, format, image }: Property, choices: readonly unknown[] | null): string {
  const [kind = 'text'] = [type].flat()
  if (choices !== null) return 'choice'
  if (image !== undefined) return 'picture'
  return kind === 'string' ? format ?? 'text' : kind === 'array' ? 'list' : kind
}

/** What is told of a declared field. */
export type FieldAsAsked = FieldRules & Pick<ProfileField, 'key'>

export function declaredField (request: FastifyRequest, field: FieldAsAsked) {
  const { key, type, label, options, isMandatory, isEditable, isSearchable, read, write } = field
  const rule = ruleAgainstDeclared(request.actor, targetOf(request), field) ?? null
  return {
    key: `attributes.${key}`,
    isDeclared: true,
    type,
    label,
    choices: type === 'enum' ? options : null,
    maxLength: type in ATTRIBUTE_MAX ? ATTRIBUTE_MAX[type as 'string'] : null,
    isMandatory,
    isEditable,
    isSearchable,
    read,
    write,
    canWrite: rule === null,
    rule,
    audiences: audiencesFrom(read),
  }
}

/** Never wider than the rule. */
const audiencesFrom = (rule: string | undefined) => rule === undefined ? [] : AUDIENCES.slice(AUDIENCES.findIndex((audience) => audience === rule))
