/** Made by the first name, because it takes some milliseconds. */
let segments: Intl.Segmenter | undefined
/** Nothing that people write is longer; what is would be drawn over itself. */
const GRAPHEME_MAX = 16
const WORD_MAX = 64

// Thai and Lao write some vowels before the letter that a word begins with.
const SIGN = /(?!\p{Logical_Order_Exception})[\p{L}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}]/u
/** Each as wide as it is high, and a word by itself. */
const WIDE = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Extended_Pictographic}\p{Regional_Indicator}]/u
/** Letters that never join their neighbours. */
const APART = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}]/u
// Its capitals are for headlines, and few fonts have them.
const UNCASED = /^\p{Script=Georgian}/u
const RTL = /^[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Adlam}\p{Script=Hanifi_Rohingya}]/u
const NON_JOINER = '\u200c'

export interface Initials { text: string, count: 0 | 1 | 2, isRightToLeft: boolean }

/** What stands for a name: the first signs of its first and its last word; of a wide script, and of a picture, one. */
export function initialsOf (name: string): Initials {
  const words = wordsOf(name)
  const at = words.findIndex((word) => SIGN.test(word))
  const until = words.findLastIndex((word) => SIGN.test(word))
  const first = initialOf(words[at])
  const last = until > at ? initialOf(words[until]) : ''
  const isRightToLeft = RTL.test(first)
  if (first === '') return { text: '', count: 0, isRightToLeft }
  if (last === '' || WIDE.test(first) || WIDE.test(last)) return { text: first, count: 1, isRightToLeft }
  // Two initials are no word: in scripts whose letters join they are kept apart.
  return { text: `${first}${APART.test(last) ? '' : NON_JOINER}${last}`, count: 2, isRightToLeft }
}

/** What is in brackets is no name, and neither is the host of an address. */
function wordsOf (name: string): string[] {
  const bare = name.replace(/\p{Ps}.*$/su, '').trim() || name
  if (/\s/.test(bare)) return bare.split(/\s+/)
  return bare.replace(/(?<=.)@.*$/su, '').split(/[._@+-]+/)
}

function initialOf (word = ''): string {
  const at = word.search(SIGN)
  return at < 0 ? '' : capital(firstOf(word.slice(at, at + WORD_MAX)))
}

function firstOf (text: string): string {
  segments ??= new Intl.Segmenter('und', { granularity: 'grapheme' })
  const [first] = segments.segment(text)
  const signs = [...first?.segment ?? '']
  return signs.length > GRAPHEME_MAX ? signs[0] ?? '' : signs.join('')
}

/** Of a letter whose capital is two, the letter itself. */
function capital (grapheme: string): string {
  const upper = grapheme.toUpperCase()
  return UNCASED.test(grapheme) || firstOf(upper) !== upper ? grapheme : upper
}
