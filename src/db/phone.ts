const DIGIT = /\p{Nd}/u
/** Before the first digit. */
const PLUS = /^\P{Nd}*\+/u
const LETTER = /\p{L}/u

/**
 * A phone number as it is dialled: its digits, of whatever script, as ASCII, in their international form without the `+`,
 * which is the same as a leading `00`. Empty for what has no digits.
 */
export function dialled (phone: string): string {
  const text = phone.normalize('NFKC')
  const digits = Array.from(text).filter((character) => DIGIT.test(character)).map(valueOf).join('')
  return PLUS.test(text) ? digits : digits.replace(/^00/, '')
}

/** What a search looks for in dialled numbers. Empty for a word with letters: `ada2` does not ask for whoever has a 2 in their number. */
export const dialledPart = (word: string): string => LETTER.test(word) ? '' : dialled(word)

/** Every script has its ten digits in a row, and where two rows touch, the second one starts from zero again. */
function valueOf (digit: string): number {
  const code = digit.codePointAt(0) as number
  let before = 0
  while (DIGIT.test(String.fromCodePoint(code - before - 1))) before++
  return before % 10
}
