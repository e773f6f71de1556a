import type { Mapping, Row, Value } from './django-database.ts'

/** Our words for the columns of `AbstractUser`, and for what projects like to add to it. */
const COLUMNS: Record<string, string> = {
  username: 'username', email: 'email', first_name: 'firstName', last_name: 'lastName',
  is_active: 'isActive', is_staff: 'isStaff', is_superuser: 'isAdmin',
  number_phone: 'phone', phone: 'phone', phone_number: 'phone', mobile_number: 'phone',
  gender: 'gender', date_of_birth: 'dateOfBirth', bio: 'bio', description: 'description', website: 'website', location: 'location', language: 'language',
  avatar: 'avatar', cover: 'cover',
}
export const PICTURES = ['avatar', 'cover'] as const

interface Body { username?: string, email?: string, attributes?: Record<string, Value>, [word: string]: unknown }

/** SQLite keeps whatever was put into a column. What does not say yes must not make an admin of anybody. */
const YES = /^(?:1|t|true|y|yes|on)$/i

/** A row in our words; what is empty is not said, and what is no text is lost. */
export function read (row: Row, { columns = {} }: Mapping, lost: string[]): { body: Body, pictures: Record<string, string> } {
  const body: Body = {}
  const pictures: Record<string, string> = {}
  for (const [column, value] of Object.entries(row)) {
    const word = Object.hasOwn(columns, column) ? columns[column] : Object.hasOwn(COLUMNS, column) ? COLUMNS[column] : undefined
    if (!word || value === null || value === '') continue
    if (Buffer.isBuffer(value)) {
      lost.push(`${column}: bytes, and no text`)
      continue
    }
    if (PICTURES.some((kind) => kind === word)) pictures[word] = String(value)
    else if (word.startsWith('is')) body[word] = YES.test(String(value))
    else if (word.startsWith('attributes.')) body.attributes = { ...body.attributes, [word.slice('attributes.'.length)]: value }
    else body[word] ??= String(value)
  }
  return { body, pictures }
}

/** Django writes UTC, with microseconds. */
export function timeOf (value: Value | undefined, name: 'createdAt' | 'lastLoginAt'): { [K in typeof name]?: number } {
  const at = typeof value === 'string' ? Date.parse(`${value.replace(' ', 'T').replace(/(\.\d{3})\d*$/, '$1')}Z`) : NaN
  return Number.isNaN(at) ? {} : { [name]: at }
}
