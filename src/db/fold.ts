// Accents that are written above and below letters, and the vowel points of Hebrew and Arabic. Other marks are letters of their scripts.
const ACCENTS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]/g

/**
 * A text as it is compared by searches and orderings: without accents and capitals, compatible forms as one (`ﬁ` is `fi`,
 * `ß` is `ss`). Of two texts one contains the other when their folded forms do.
 */
export const folded = (text: string): string =>
  text.normalize('NFKD').replace(ACCENTS, '').toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFC')
