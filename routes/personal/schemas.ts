import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { avatarCuts, CUT_NAMES } from '../cuts.ts'
import { attributes, clearable, nullable, otp, partial, password, picture, text } from '../shapes.ts'

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
  username: text('username', { max: USERNAME_MAX, required: true, format: 'username' }),
  email: text('email', { max: EMAIL_MAX, required: true, format: 'email' }),
  first_name: text('firstName'),
  last_name: text('lastName'),
  number_phone: clearable('phone', { max: PHONE_MAX }),
}

export const UpdateSchema = partial({ ...fields, avatar: picture('avatar'), ...avatarCuts, attributes: attributes('written') })
export type UpdateBody = Static<typeof UpdateSchema>

export const SignUpSchema = Type.Object({
  username: fields.username,
  email: fields.email,
  password: password(),
  first_name: Type.Optional(fields.first_name),
  last_name: Type.Optional(fields.last_name),
  number_phone: Type.Optional(fields.number_phone),
  attributes: Type.Optional(attributes('given')),
})
export type SignUpBody = Partial<Static<typeof SignUpSchema>>

const given = () => Type.String({ minLength: 1, format: 'text' })
export const email = () => fields.email
export const SignInSchema = Type.Object({ email: given(), password: password(), otp: otp() })
export const TokenSchema = Type.Object({ username: given(), password: password(), otp: otp() })
export const RefreshSchema = Type.Object({ refresh: given() })

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
}, { title: 'PersonalUser' })
export type User = Static<typeof UserSchema>

export const PairSchema = Type.Object({ refresh: Type.String(), access: Type.String() }, { title: 'PersonalTokens' })
/** The original turns them round here. */
export const RefreshedSchema = Type.Object({ access: Type.String(), refresh: Type.String() }, { title: 'PersonalRefreshed' })
export const SignedInSchema = Type.Object({ refresh: Type.String(), access: Type.String(), user: UserSchema }, { title: 'PersonalSignedIn' })
export type SignedIn = Static<typeof SignedInSchema>

const ProblemSchema = Type.Object({
  detail: Type.Optional(Type.String()),
  error: Type.Optional(Type.String()),
  // What is at fault with credentials; or findings about a mailed code, which the body calls by the same name.
  code: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
  messages: Type.Optional(Type.Array(Type.Object({ token_class: Type.String(), token_type: Type.String(), message: Type.String() }))),
}, { title: 'PersonalProblem', additionalProperties: Type.Array(Type.String()) })
export const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema }
