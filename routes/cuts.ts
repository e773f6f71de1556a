import { Type } from '@sinclair/typebox'
import type { Changes } from '../src/core/fields/index.ts'
import type { Crop, Focus } from '../src/core/pictures/index.ts'
import { rename } from './names.ts'
import type { Names } from './names.ts'

/** How pictures are to be cut, in the words of all families, with the core's own for each. */
export const CUT_NAMES = { avatar_focus: 'avatarFocus', avatar_crop: 'avatarCrop', cover_focus: 'coverFocus' } as const

const text = (format: string, description: string) => Type.Unsafe<string | null>({ type: ['string', 'null'], format, maxLength: 64, description })
const focus = () => text('focus', '`x,y` from -1 to 1, to the right and up: where the subject is; empty: what the eye goes to')
export const avatarCuts = { avatar_focus: focus(), avatar_crop: text('crop', '`x,y,w,h` in pixels of the upright original: the part that squares are cut from; empty: all of it') }
export const cuts = { ...avatarCuts, cover_focus: focus() }

type CutBody = { [K in keyof typeof CUT_NAMES]?: string | null | undefined }

/** What a body says of cuts; nothing when it says nothing. */
export function cutsOf (body: object): Pick<Changes, 'cuts'> {
  const { avatar_focus: focus, avatar_crop: crop, cover_focus: coverFocus } = body as CutBody
  const avatar = { ...focus !== undefined && { focus: numbersOf(focus) as Focus | null }, ...crop !== undefined && { crop: numbersOf(crop) as Crop | null } }
  const cuts = { ...Object.keys(avatar).length > 0 && { avatar }, ...coverFocus !== undefined && { cover: { focus: numbersOf(coverFocus) as Focus | null } } }
  return Object.keys(cuts).length > 0 ? { cuts } : {}
}

// A zero with a sign is the same number, and would be another value.
const numbersOf = (text: string | null): number[] | null => text === null || text === '' ? null : text.split(',').map((part) => Number(part) + 0)

const isCut = (word: string): boolean => Object.values<string>(CUT_NAMES).includes(word)

/** The sent fields in the core's words, what is said of cuts gathered. */
export const renameWithCuts = (body: object, names: Names): Record<string, unknown> =>
  ({ ...Object.fromEntries(Object.entries(rename(body, names)).filter(([word]) => !isCut(word))), ...cutsOf(body) })
