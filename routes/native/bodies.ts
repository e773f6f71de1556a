import { Type } from '@sinclair/typebox'
import type { Static, TUnsafe } from '@sinclair/typebox'
import { attributes, choice, clearable, date, exampleOf, ids, partial, password, picture, requiring, text, withExample } from '../shapes.ts'
import { alts, cuts } from './pictures.ts'
import { GENDERS, KEPT } from './schemas.ts'

const fields = {
  username: withExample(text('username', { required: true, format: 'username' }), 'ada'),
  email: withExample(clearable('email', { format: 'email' }), 'ada@example.com'),
  realName: withExample(clearable('realName'), 'Ada Lovelace'),
  firstName: withExample(clearable('firstName'), 'Ada'),
  lastName: withExample(clearable('lastName'), 'Lovelace'),
  phone: withExample(clearable('phone'), '+1-555-0157'),
  gender: withExample(choice(...GENDERS, null), 'female'),
  dateOfBirth: withExample(date(), '1815-12-10'),
  bio: withExample(clearable('bio'), 'Wrote the first program.'),
  description: withExample(clearable('description'), 'Mathematician'),
  website: withExample(clearable('website', { format: 'uri' }), 'https://example.com/ada'),
  location: withExample(clearable('location'), 'London'),
  locationLatLng: withExample(clearable('locationLatLng', { format: 'latlng' }), '51.5074,-0.1278'),
  positionLatLng: withExample(clearable('positionLatLng', { format: 'latlng' }), '51.5074,-0.1278'),
  language: withExample(clearable('language', { format: 'text' }), 'en-GB'),
  avatar: picture('avatar', { blankClears: true }),
  cover: picture('cover', { blankClears: true }),
  ...cuts,
  ...alts,
  groups: ids(),
  extId: clearable('extId'),
  isActive: Type.Boolean(),
  isStaff: Type.Boolean(),
  isAdmin: Type.Boolean(),
}
const asShown = KEPT.map((name) => [name, Type.Unsafe<unknown>({ readOnly: true })])
export const shownOnly = Object.fromEntries(asShown) as Record<(typeof KEPT)[number], TUnsafe<unknown>>
/** What an update is shown with: nothing that others know somebody by. */
const SHOWN = ['realName', 'bio', 'location', 'gender', 'website'] as const

export const PatchSchema = partial({
  ...fields,
  attributes: attributes('written'),
  ...shownOnly,
}, { title: 'PersonPatch', ...exampleOf(fields, ...SHOWN) })
export type PersonPatch = Static<typeof PatchSchema>
/** A body in the core's words, in the order of its schema. */
export const NAMES = Object.fromEntries([...Object.keys(PatchSchema.properties), 'password'].map((name) => [name, name]))

/** Somebody new, by staff. */
export const CreateSchema = requiring('username', {
  ...fields,
  attributes: attributes('given'),
  password: password(),
}, { title: 'PersonCreate', ...exampleOf(fields, 'username', 'email', 'firstName') })

export const address = (example = 'ada@example.com') => withExample(text('email', { required: true, format: 'email' }), example)
export const AddressSchema = Type.Object({ email: address() }, { title: 'Address' })

export const SignUpSchema = Type.Object({
  username: fields.username,
  email: Type.Optional(address()),
  password: password(),
  realName: Type.Optional(fields.realName),
  firstName: Type.Optional(fields.firstName),
  lastName: Type.Optional(fields.lastName),
  attributes: Type.Optional(attributes('given')),
}, { title: 'SignUp', ...exampleOf({ ...fields, password: password() }, 'username', 'email', 'password') })
