import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { avatarCuts, CUT_NAMES } from '../cuts.ts'
import { attributes, clearable, exampleOf, nullable, otp, partial, password, picture, text, TOKEN, withExample } from '../shapes.ts'

/** The wire's words for what an account holds, in the order of the body. */
export const NAMES = {
  username: 'username',
  email: 'email',
  password: 'password',
  first_name: 'firstName',
  last_name: 'lastName',
  number_phone: 'phone',
  avatar: 'avatar',
  avatar_focus: CUT_NAMES.avatar_focus,
  avatar_crop: CUT_NAMES.avatar_crop,
  attributes: 'attributes',
} as const

/** What is wrong with a sign-up is told with the password first, as the original has it. */
const { password: secret, ...others } = NAMES
export const SIGN_UP_NAMES = { password: secret, ...others }

const USERNAME_MAX = 150
const EMAIL_MAX = 200
const PHONE_MAX = 10

const fields = {
  username: withExample(text('username', { max: USERNAME_MAX, required: true, format: 'username' }), 'ada'),
  email: withExample(text('email', { max: EMAIL_MAX, required: true, format: 'email' }), 'ada@example.com'),
  first_name: withExample(text('firstName'), 'Ada'),
  last_name: withExample(text('lastName'), 'Lovelace'),
  number_phone: withExample(clearable('phone', { max: PHONE_MAX }), '5550157'),
}

export const UpdateSchema = partial({ ...fields, avatar: picture('avatar'), ...avatarCuts, attributes: attributes('written') }, { title: 'PersonalUpdate', ...exampleOf(fields, 'first_name', 'last_name', 'number_phone') })
export type UpdateBody = Static<typeof UpdateSchema>

export const SignUpSchema = Type.Object({
  username: fields.username,
  email: fields.email,
  password: password(),
  first_name: Type.Optional(fields.first_name),
  last_name: Type.Optional(fields.last_name),
  number_phone: Type.Optional(fields.number_phone),
  attributes: Type.Optional(attributes('given')),
}, { title: 'PersonalSignUp' })
export type SignUpBody = Partial<Static<typeof SignUpSchema>>

const given = () => Type.String({ minLength: 1, format: 'text' })
export const email = () => fields.email
export const SignInSchema = Type.Object({ email: withExample(given(), 'ada@example.com'), password: password(), otp: otp() }, { title: 'PersonalSignIn' })
export const TokenSchema = Type.Object({ username: withExample(given(), 'ada'), password: password(), otp: otp() }, { title: 'PersonalTokenRequest' })
export const RefreshSchema = Type.Object({ refresh: withExample(given(), TOKEN) }, { title: 'PersonalRefresh' })

export const UserSchema = Type.Object({
  id: Type.Integer(),
  username: Type.String(),
  email: Type.String(),
  first_name: Type.String(),
  last_name: Type.String(),
  number_phone: nullable.string(),
  avatar: nullable.string(),
  date_joined: Type.String(),
  last_login: nullable.string(),
  is_active: Type.Boolean(),
  is_staff: Type.Boolean(),
  is_superuser: Type.Boolean(),
  attributes: attributes('shown'),
}, { title: 'PersonalUser', description: 'The account.' })
export type User = Static<typeof UserSchema>

export const PairSchema = Type.Object({ refresh: Type.String(), access: Type.String() }, { title: 'PersonalTokens', description: 'The tokens of a new session.' })
/** The original turns them round here. */
export const RefreshedSchema = Type.Object({ access: Type.String(), refresh: Type.String() }, { title: 'PersonalRefreshed', description: 'The next tokens of the session.' })
export const SignedInSchema = Type.Object({ refresh: Type.String(), access: Type.String(), user: UserSchema }, { title: 'PersonalSignedIn', description: 'The account, and the tokens of a new session.' })
export type SignedIn = Static<typeof SignedInSchema>

const ProblemSchema = Type.Object({
  detail: Type.Optional(Type.String()),
  error: Type.Optional(Type.String()),
  // What is at fault with credentials; or findings about a mailed code, which the body calls by the same name.
  code: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
  messages: Type.Optional(Type.Array(Type.Object({ token_class: Type.String(), token_type: Type.String(), message: Type.String() }, { title: 'PersonalTokenFault' }))),
}, { title: 'PersonalProblem', additionalProperties: Type.Array(Type.String()) })
export const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema }
