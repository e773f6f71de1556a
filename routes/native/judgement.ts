import { isDeepStrictEqual } from 'node:util'
import type { FastifyRequest } from 'fastify'
import { ruleAgainst, ruleAgainstDeclared, sameGroups } from '../../src/core/access.ts'
import type { FieldError } from '../../src/core/errors.ts'
import type { ProfileField } from '../../src/core/fields/attributes.ts'
import { FIELDS } from '../../src/core/fields/index.ts'
import { NEWCOMER } from '../../src/core/people/creation.ts'
import type { Account } from '../../src/core/people/users.ts'
import { findingsOf } from '../findings.ts'
import { shownOnly } from './bodies.ts'
import type { Person } from './schemas.ts'
import { personFor } from './shown.ts'

type Body = Record<string, unknown>

/** What moves by itself: whoever sends it back cannot know how it stands by now. */
const MOVING = ['isOnline', 'lastSeenAt', 'lastLoginAt']

/** What is left of the body when what is shown already is taken away, and the keys that the sender may not write. */
export async function judged (request: FastifyRequest, target: Account): Promise<{ body: Body, findings: FieldError[], refused: FieldError[] }> {
  const asShown = isAsShown(request)
  const shown: Partial<Person> = asShown ? {} : await personFor(request, target)
  const findings = findingsOf(request, () => shown, isSame)
  const body = asShown ? { ...request.body as Body } : withoutShown(request.body as Body, shown)
  for (const name of MOVING) delete body[name]
  const refused = refusals(request, target, body)
  for (const { field } of refused) remove(body, field ?? '')
  return { body, findings, refused }
}

/** The same of somebody who is to be made: what a newcomer is anyway may be said. */
export function judgedNew (request: FastifyRequest): { body: Body, findings: FieldError[], refused: FieldError[] } {
  const findings = findingsOf(request)
  const body = { ...request.body as Body }
  const refused = refusals(request, NEWCOMER, body).filter(({ field }) => !isSame(body[field ?? ''], NEWCOMER[field as 'extId'] ?? null))
  for (const { field } of refused) remove(body, field ?? '')
  return { body, findings, refused }
}

/** Whether nothing in the body needs to be compared with what is shown: the core sees by itself that a value is the same. */
const isAsShown = ({ body, validationError }: FastifyRequest): boolean =>
  validationError === undefined && Object.entries(body as Body).every(([name, value]) => isOwn(name) && (value === null || typeof value !== 'object'))
// One's own address is asked for in another way.
const isOwn = (name: string): boolean => name !== 'email' && FIELDS[name as 'bio']?.write === 'self'

function withoutShown (body: Body, shown: Partial<Person>): Body {
  const { attributes } = body
  const changed = Object.fromEntries(Object.entries(body).filter(([name, value]) => !(name in shown) || !isShown(value, shown[name as keyof Person])))
  if (typeof attributes !== 'object' || attributes === null || shown.attributes === undefined) return changed
  const ofAttributes = Object.entries(attributes).filter(([key, value]) => !isSame(value, shown.attributes?.[key]))
  return { ...changed, ...ofAttributes.length > 0 ? { attributes: Object.fromEntries(ofAttributes) } : { attributes: {} } }
}

/** A form says with an empty text that there is nothing. */
const isShown = (sent: unknown, shown: unknown): boolean => isSame(sent, shown) || (sent === '' && shown === null)

/** The address of a picture that not everybody may see is signed, and the signature changes. */
function isSame (a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(unsigned(a), unsigned(b))
}
const isPicture = (value: unknown): boolean => typeof value === 'object' && value !== null && 'url' in value
const unsigned = (value: unknown): unknown => isPicture(value) ? JSON.parse(JSON.stringify(value).replaceAll(/(?<=\.webp)\?[^"]*/g, '')) as unknown : value

/** Every key of the body that the sender may not write, with the rule that says so. */
function refusals ({ actor, server }: FastifyRequest, target: Account, body: Body): FieldError[] {
  const forbid = (field: string, rule: string | undefined): FieldError[] => rule === undefined ? [] : [{ field, code: 'field_forbidden', params: { rule } }]
  return Object.keys(body).flatMap((name) => {
    if (name === 'attributes') {
      const sent = body.attributes as Body
      const isAsked = ({ key }: ProfileField) => Object.hasOwn(sent, key) && !isAsStored(sent[key], target.attributes[key])
      return server.core.users.declared().filter(isAsked).flatMap((field) => forbid(`attributes.${field.key}`, ruleAgainstDeclared(actor, target, field)))
    }
    if (name in shownOnly) return forbid(name, 'never')
    // One's own address is asked for, and confirmed.
    if (name === 'email' && actor?.id === target.id) return forbid(name, 'confirm')
    // By their ids they are the present ones as well.
    if (name === 'groups' && sameGroups(target, body.groups as number[])) return []
    // How a picture is cut and what it shows goes with the picture, and a first password with the person.
    return name in FIELDS ? forbid(name, ruleAgainst(actor, name as 'bio')) : []
  })
}

/** Empty is what clears, as well as what is not there. */
const isAsStored = (sent: unknown, stored: unknown): boolean => sent === stored || (stored === undefined && (sent === null || sent === ''))

function remove (body: Body, word: string): void {
  if (word.startsWith('attributes.')) delete (body.attributes as Body)[word.slice('attributes.'.length)]
  else delete body[word]
}
