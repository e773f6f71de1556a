import t from 'tap'
import type { Test } from 'tap'
import { isEmail, isLatLng, isUrl, isUsername, toDate, toId, toLanguage, typeOf } from '../../src/core/formats.ts'
import { folded } from '../../src/db/fold.ts'
import { dialled, dialledPart } from '../../src/db/phone.ts'

function table (t: Test, check: (value: string) => boolean, good: string[], bad: string[]): void {
  for (const value of good) t.equal(check(value), true, value)
  for (const value of bad) t.equal(check(value), false, JSON.stringify(value))
}

t.test('usernames', async (t) => table(t, isUsername,
  ['a', 'Ada_Lovelace-1815', 'a.b@c+d', '_'],
  ['', 'a b', 'añá', '\u212a', '\u017f', 'a\n', 'а', 'a/b', 'a\u200bb']))

t.test('e-mail addresses', async (t) => table(t, isEmail,
  ['a@b.co', 'ada.lovelace+x@mail.example.com', 'o\'hara@example.org', 'a@localhost', 'a@xn--bcher-kva.example', `${'a'.repeat(64)}@b.co`,
    'a@b\u00fccher.example', 'a@B\u00dcCHER.Example', 'a@bu\u0308cher.example', 'a@\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444', 'a@\u4f8b\u3048\u3002\u30c6\u30b9\u30c8', 'a@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com', 'a@fa\u00df.de', 'a@l\u00b7l.cat'],
  ['', 'a', '@b.co', 'a@', 'a@b', 'a@b.c', 'a b@c.de', 'a@b..co', '.a@b.co', 'a.@b.co', 'a..b@c.de', 'a@-b.co', 'a@b.co\n', `${'a'.repeat(65)}@b.co`, 'a@b.c0m1-', 'ü@b.co',
    'a@\u00fc', 'a@exam\u212aple.com', 'a@\uff45xample.\u00fc.de', 'a@\u00fc..de', 'a@\u00fc_b.de', 'a@ex%61mple.\u00fc.de', 'a@\u00fc.1', 'a@xn--\u00fc.de', 'a@\u00fc b.de', 'a@\u00fc\u00a0b.de', 'a@b\u200b\u00fc.de', 'a@\u202ab\u00fc.de\u202c', 'a@\u00fc.de/x', 'a@\u00fc.de:25', 'a@[\u00fc].de', 'a@@\u00fc.de', `a@${'\u00fc'.repeat(64)}.de`, 'a@\u00fc.de.']))

t.test('web addresses', async (t) => table(t, isUrl,
  ['http://localhost', 'https://example.com/a?b#c', 'ftp://files.example.com', 'ftps://a.example', 'http://127.0.0.1:8080/', 'http://[::1]/', 'HTTPS://EXAMPLE.COM', 'https://user@example.com'],
  ['', 'www.x.com', 'javascript:alert(1)', 'data:text/html,x', 'http://', 'http://x', 'https://exa mple.com', 'http://example.com/a b', '//example.com', 'mailto:a@b.co', 'http://-a.com']))

t.test('positions', async (t) => table(t, isLatLng,
  ['0,0', '-90,180', '45.4642, 9.19', '+1.5,-179.999999'],
  ['', '91,0', '0,181', '1', '1,2,3', 'a,b', '1e1,0', ',', 'NaN,0', '1.,2']))

t.test('days of the calendar', async (t) => {
  t.equal(toDate('1990-01-02'), '1990-01-02')
  t.equal(toDate('1990-1-2'), '1990-01-02')
  t.equal(toDate('2024-02-29'), '2024-02-29')
  t.equal(toDate('0001-01-01'), '0001-01-01')
  t.equal(toDate('9999-12-31'), '9999-12-31')
  for (const bad of ['2023-02-29', '1990-13-01', '1990-00-10', '0000-01-01', '90-1-1', '1990/01/02', '1990-01-02T00:00', '']) t.equal(toDate(bad), undefined, bad)
})

t.test('languages', async (t) => {
  const tags = { de: 'de', 'EN-us': 'en-US', 'zh-hant-tw': 'zh-Hant-TW', sh: 'sr-Latn', 'de-DE-1996-1901': 'de-DE-1901-1996', und: 'und', 'en-x-twain': 'en-x-twain' }
  for (const [tag, canonical] of Object.entries(tags)) t.equal(toLanguage(tag, 35), canonical, tag)
  for (const bad of ['', 'a', 'abcd', 'en_US', 'en-', '-en', 'en us', 'x-twain', '*', '\u212aa', 'e\u0301n', 'en\0', 'de-DE-1996-1996', 'en-a-b']) t.equal(toLanguage(bad, 35), undefined, JSON.stringify(bad))
  t.equal(toLanguage('en-u-ca-islamicc', 16), undefined, 'the successor of an outdated tag counts')
  t.equal(toLanguage('en-u-ca-islamicc', 21), 'en-u-ca-islamic-civil')
})

t.test('ids in paths have one spelling each', async (t) => {
  t.equal(toId('1'), 1)
  t.equal(toId('9007199254740991'), Number.MAX_SAFE_INTEGER)
  for (const bad of ['9007199254740992', '9007199254740993', '01', '+1', '-1', '1.0', '1e3', '0x10', '0', '', ' 1', '١', '10000000000000000']) t.equal(toId(bad), undefined, bad)
})

t.test('types of JSON', async (t) => {
  t.same([null, [], {}, '', true, 1, 1.5].map(typeOf), ['null', 'array', 'object', 'string', 'boolean', 'integer', 'number'])
})

t.test('no expression is made slow by its input', async (t) => {
  const long = 100_000
  const inputs = ['a'.repeat(long), `${'a.'.repeat(long / 2)}@`, `a@${'a-'.repeat(long / 2)}`, `http://${'a.'.repeat(long / 2)}`, `${'1'.repeat(long)},`, `${'-'.repeat(long)}1`, ' '.repeat(long)]
  const started = process.cpuUsage()
  for (const input of inputs) for (const check of [isUsername, isEmail, isUrl, isLatLng, toDate, toId]) check(input)
  const { user, system } = process.cpuUsage(started)
  // Linear is a few milliseconds in all; quadratic would be minutes.
  t.ok(user + system < 2_000_000, `${(user + system) / 1_000} ms of processor time`)
})

t.test('G1 letters that Unicode does not decompose are folded, and what nobody sees is not there', async (t) => {
  for (const [text, typed] of [
    ['Łódź', 'lodz'], ['ØRESUND', 'oresund'], ['Đurđević', 'durdevic'], ['Ħamrun', 'hamrun'], ['Ŧ', 't'], ['Diyarbakır', 'diyarbakir'], ['DIYARBAKIR', 'diyarbakir'], ['İzmir', 'izmir'],
    ['Æthelstan', 'aethelstan'], ['Œuvre', 'oeuvre'], ['Straße', 'strasse'], ['STRAẞE', 'strasse'], ['Þórunn', 'thorunn'], ['Guðmundur', 'gudmundur'], ['ĸ', 'q'], ['Ŋ', 'n'], ['ƒ', 'f'], ['Əliyev', 'eliyev'],
    ['Ɓƙɗ', 'bkd'], ['Ǥǥ', 'gg'], ['ﬁ', 'fi'], ['ᴀᴅᴀ', 'ada'], ['Ⱥⱦ', 'at'], ['Σ', 'σ'], ['ς', 'σ'], ['й', 'и'], ['가', '가'],
  ] as const) t.equal(folded(text), typed, text)

  const unseen = [0xad, 0x34f, 0x61c, 0x115f, 0x17b4, 0x180b, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2064, 0x2066, 0x2067, 0x2068, 0x2069, 0x3164, 0xfe00, 0xfe0f, 0xfeff, 0xffa0, 0xe0061, 0xe0100, 0x01, 0x1f, 0x7f, 0x9f]
  for (const code of unseen) t.equal(folded(`A${String.fromCodePoint(code)}\u0301da`), 'ada', code.toString(16))

  // Every small letter that is a plain one with something, by the rules of collation, and those that are compared so above and below it.
  const search = new Intl.Collator('und', { usage: 'search', sensitivity: 'base' })
  const alphabet = 'abcdefghijklmnopqrstuvwxyz'
  for (let code = 0x80; code < 0x2c80; code++) {
    const letter = String.fromCodePoint(code)
    const base = /\p{Script=Latin}/u.test(letter) ? [...alphabet].find((plain) => search.compare(letter, plain) === 0) : undefined
    if (base !== undefined) t.ok(folded(letter).startsWith(base), `${letter} is ${base}`)
    t.equal(folded(folded(letter)), folded(letter), 'what is folded is folded')
  }
})

t.test('G3 a phone number is its digits, however they are written', async (t) => {
  const spellings = ['+49 30 901820', '0049 30 901820', '49 30 901820', '(+49) 30/90-18.20', '\u202a+49\u00a030\u2011901820\u202c', '+\u200e4930901820', '\uff0b\uff14\uff19 30901820', '\u0660\u0660\u0664\u0669 30 901820', '\u06f4\u06f930901820', 'tel:+49-30-901820']
  for (const spelling of spellings) t.equal(dialled(spelling), '4930901820', JSON.stringify(spelling))
  t.equal(dialled('+0049'), '0049', 'after a plus nothing is left out')
  t.equal(dialled('030 901820'), '030901820', 'one zero is part of the number')
  for (const none of ['', '+', '00', 'by mail', '\u202a\u202c', '()-/.']) t.equal(dialled(none), '', JSON.stringify(none))

  for (const system of Intl.supportedValuesOf('numberingSystem')) {
    const ten = new Intl.NumberFormat('en', { numberingSystem: system, useGrouping: false }).format(9876543210)
    if (/^\p{Nd}+$/u.test(ten)) t.equal(dialled(ten), '9876543210', system)
  }
  t.equal(dialledPart('0049-30'), '4930')
  for (const word of ['ada2', '2nd', '+49x', '\u0430\u04342']) t.equal(dialledPart(word), '', word)
})
