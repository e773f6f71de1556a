import { Type } from '@sinclair/typebox'
import { FIELD_MESSAGES, STATUS } from '../messages.ts'
import { PersonSchema } from './schemas.ts'

/** The closed lists of what can go wrong, with a request and with one value. */
export const CODES = Object.keys(STATUS)
const FINDING_CODES = Object.keys(FIELD_MESSAGES)
export const oneOf = (codes: string[]) => Type.Unsafe<string>({ type: 'string', enum: codes })

const problem = {
  type: Type.String({ description: 'an address that explains the code' }),
  title: Type.String(),
  status: Type.Integer(),
  code: oneOf(CODES),
  detail: Type.String(),
  requestId: Type.String(),
  ticket: Type.Optional(Type.String({ description: 'with `second_factor_required`: what `/v1/sign-in/second-factor` takes' })),
  errors: Type.Optional(Type.Array(Type.Object({
    field: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
    code: oneOf(FINDING_CODES),
    message: Type.String(),
    limit: Type.Optional(Type.Number()),
    found: Type.Optional(Type.Number()),
    rule: Type.Optional(Type.String({ description: 'by which a field may not be changed' })),
  }, { title: 'ProblemFinding' }))),
}
const ProblemSchema = Type.Object(problem, { title: 'NativeProblem' })
const ConflictSchema = Type.Object({
  ...problem,
  person: PersonSchema,
  changed: Type.Unsafe<string[] | null>({
    type: ['array', 'null'],
    items: Type.String(),
    description: 'the fields that changed since the version that was named; null when that cannot be told',
  }),
}, { title: 'NativeConflict', description: 'The person has changed since.' })

/** Bodies of errors by status, each `application/problem+json`. */
export const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema }
/** The same where a precondition can fail. */
export const conflict = { 412: ConflictSchema }
