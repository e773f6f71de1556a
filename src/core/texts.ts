import { isStorable } from '../texts/storable.ts'

// More than the 30 that Unicode's stream-safe text allows (UAX #15); no language comes near.
const ENDLESS_MARKS = /\p{M}{31}/u

/** Composing such a text takes quadratic time: it is refused as it came. */
const hasEndlessMarks = (value: string): boolean => ENDLESS_MARKS.test(value)

/** Whether a text may be stored. */
export const isText = (value: string): boolean => isStorable(value) && !hasEndlessMarks(value)

/** What is wrong with a text that may not be stored. */
export function faultOf (value: string): 'null_characters' | 'not_a_string' | undefined {
  if (isText(value)) return undefined
  return value.includes('\0') ? 'null_characters' : 'not_a_string'
}

/** Joiners, direction marks, soft hyphens, variation selectors, controls and the like; blanks and the NUL, which is refused, are none. */
const UNSEEN = '\\p{Default_Ignorable_Code_Point}|(?![\\s\\0])\\p{Cc}'
/** What shows after all: the flags of England and its like, the form of an emoji or of a Chinese or a Mongolian letter. Joiners are for Persian, Indic scripts and emoji. */
const SHOWING = '\\u{1f3f4}[\\u{e0030}-\\u{e007a}]{1,9}\\u{e007f}|\\p{Emoji}[\\ufe0e\\ufe0f]|\\p{Unified_Ideograph}[\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]|\\p{Script=Mongolian}[\\u180b-\\u180d\\u180f]|[\\u200c\\u200d]'
const UNSEEN_ALL = new RegExp(UNSEEN, 'gu')
const UNSEEN_BUT = new RegExp(`(${SHOWING})|${UNSEEN}`, 'gu')
const PLAIN = /^[\x20-\x7e]*$/

/** What opens a part of a text with a direction of its own: embeddings, and isolates, in which nothing that was opened outside ends. */
const EMBEDDING = /[\u202a\u202b\u202d\u202e]/
const ISOLATE = /[\u2066-\u2068]/
const MARKS = /[\u202a-\u202e\u2066-\u2069]/g

/** Where direction marks stand that open such a part and end it; one alone would turn whatever is shown beside the text. */
function pairedMarks (text: string): Set<number> {
  const paired = new Set<number>()
  const open: { at: number, isIsolate: boolean }[] = []
  let isolates = 0
  for (const { 0: mark, index: at } of text.matchAll(MARKS)) {
    if (EMBEDDING.test(mark)) open.push({ at, isIsolate: false })
    else if (ISOLATE.test(mark)) {
      open.push({ at, isIsolate: true })
      isolates++
    } else if (mark === '\u202c' && open.at(-1)?.isIsolate === false) paired.add(open.pop()?.at ?? at).add(at)
    else if (mark === '\u2069' && isolates > 0) {
      while (open.at(-1)?.isIsolate === false) open.pop()
      isolates--
      paired.add(open.pop()?.at ?? at).add(at)
    }
  }
  return paired
}

/** A text of several lines as it is stored: composed, without the blanks around it. */
export const linesOf = (text: string): string => (hasEndlessMarks(text) ? text : text.normalize('NFC')).trim()

/** A text of one line as it is stored: the same, without what nobody sees, but for joiners and pairs of direction marks; empty when nothing is to be seen. */
export function lineOf (text: string): string {
  if (PLAIN.test(text)) return text.trim()
  const paired = pairedMarks(text)
  const line = text.replace(UNSEEN_BUT, (found, showing: string | undefined, at: number) => showing ?? (paired.has(at) ? found : ''))
  return line.replace(UNSEEN_ALL, '').trim() === '' ? '' : linesOf(line)
}

/** A phone number as it is stored: of what nobody sees nothing, and blanks as one types them. */
export const phoneOf = (text: string): string => linesOf(text.replace(UNSEEN_ALL, '').replace(/\p{Zs}/gu, ' '))
