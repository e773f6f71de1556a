// Accents that are written above and below letters, and the vowel points of Hebrew and Arabic. Other marks are letters of their scripts.
const ACCENTS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]/g
/** Joiners, direction marks, soft hyphens, variation selectors, controls and the like. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}|(?!\s)\p{Cc}/gu
const ASCII = /^[\x20-\x7e]*$/

/**
 * Latin letters with a stroke, a hook, a tail or a bar, ligatures and others that Unicode takes for letters of their own; people
 * type what they are made of or look like. All small: capitals are small before they get here.
 */
const LETTERS: Record<string, string> = {
  a: 'ɑᴀᶏⱥ', b: 'ƀƃɓʙᴃᵬᶀꞗ', c: 'ƈȼɕᴄꞓꞔ', d: 'đƌȡɖɗðᴅᴆᵭᶁᶑꝺꟈ', e: 'ǝəɇɛᴇᶒᶓⱸꬴ', f: 'ƒᵮᶂꜰꝼꞙ', g: 'ǥɠɡɢɣʛᵹᶃꞡ', h: 'ħɦʜⱨꞕ', i: 'ɨɩɪᵻᶖ',
  j: 'ȷɉɟʄʝᴊ', k: 'ƙᴋᶄⱪꝁꝃꝅꞣ', l: 'łƚȴɫɬɭʟᴌᶅⱡꝇꝉꞎꬷꬸꬹ', m: 'ɱᴍᵯᶆꬺ', n: 'ŋƞȵɲɳɴᵰᶇꞑꞥꬻ', o: 'øɔɵᴏᴐⱺꝋꝍꟁꬿ', p: 'ƥᴘᵱᵽᶈꝑꝓꝕ', q: 'ĸɋʠꝗꝙꞯ',
  r: 'ɍɼɽɾʀᵲᵳᶉꝛꞃꞧꭇꭉ', s: 'ȿʂʃᵴᶊẜẝꞅꞩꜱꟊꟙ', t: 'ŧƫƭȶʈᴛᵵⱦꞇ', u: 'ʉʊᴜᵾᵿᶙꞹꭎꭒ', v: 'ʋᴠᶌⱱⱴỽꝟ', w: 'ƿᴡⱳꟃ', x: 'ᶍꭖꭗꭘꭙ', y: 'ƴɏʏỿꭚ', z: 'ƶȥɀʐʑʒᴢᵶᶎⱬꝣ',
  aa: 'ꜳ', ae: 'æᴁꞛ', ao: 'ꜵ', au: 'ꜷ', av: 'ꜹꜻ', ay: 'ꜽ', db: 'ȸ', dz: 'ʣʥ', hv: 'ƕ', ll: 'ỻ', ls: 'ʪ', lz: 'ʫ', oe: 'œɶꞝ', oi: 'ƣ', oo: 'ꝏ', ou: 'ȣᴕ', qp: 'ȹ',
  ss: 'ß', tc: 'ʨ', th: 'þᵺꝥꝧ', ts: 'ʦ', tz: 'ꜩ', ue: 'ᵫꞟ', vy: 'ꝡ',
}
const BASES = new Map(Object.entries(LETTERS).flatMap(([base, letters]) => [...letters].map((letter) => [letter, base] as const)))
const OWN_LETTERS = new RegExp(`[${[...BASES.keys()].join('')}]`, 'gu')

/**
 * A text as it is compared by searches and orderings: without accents, capitals and what nobody sees, compatible forms as one
 * (`ﬁ` is `fi`) and Latin letters as they are typed without them (`ł` is `l`, `æ` is `ae`, `ß` is `ss`). Of two texts one contains
 * the other when their folded forms do.
 */
export function folded (text: string): string {
  if (ASCII.test(text)) return text.toLowerCase()
  const lower = text.replace(UNSEEN, '').normalize('NFKD').replace(ACCENTS, '').toUpperCase().toLowerCase()
  return lower.replace(OWN_LETTERS, (letter) => BASES.get(letter) ?? letter).replaceAll('ς', 'σ').normalize('NFC')
}
