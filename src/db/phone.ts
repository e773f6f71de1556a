const ASCII = /^\p{ASCII}*$/u
const DIGIT = /\p{Nd}/u
const DIGITS = /\p{Nd}/gu
/** Before the first digit. */
const PLUS = /^\D*\+/
const LETTER = /\p{L}/u

/**
 * A phone number as it is dialled: its digits, of whatever script, as ASCII, in their international form without the `+`,
 * which is the same as a leading `00`. Empty for what has no digits.
 */
export function dialled (phone: string): string {
  const text = ASCII.test(phone) ? phone : phone.normalize('NFKC').replace(DIGITS, valueOf)
  const digits = text.replace(/\D+/g, '')
  return PLUS.test(text) ? digits : digits.replace(/^00/, '')
}

/** What a search looks for in dialled numbers. Empty for a word with letters: `ada2` does not ask for whoever has a 2 in their number. */
export const dialledPart = (word: string): string => LETTER.test(word) ? '' : dialled(word)

/** Every script has its ten digits in a row, and where two rows touch, the second one starts from zero again. */
function valueOf (digit: string): string {
  const code = digit.codePointAt(0) as number
  let before = 0
  while (DIGIT.test(String.fromCodePoint(code - before - 1))) before++
  return String(before % 10)
}
