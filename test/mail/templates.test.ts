import t from 'tap'
import { CODE_TTL } from '../../src/core/sign-in/codes.ts'
import { INVITATION_TTL } from '../../src/core/people/invitations.ts'
import type { Template } from '../../src/core/mail/messages.ts'
import { loadTemplates } from '../../src/mail/templates.ts'
import { CATALOGUES, languageOf } from '../../src/mail/texts/index.ts'
import type { Language } from '../../src/mail/texts/index.ts'

const options = { from: 'Visage <visage@example.com>', linkUrl: () => 'https://app.example.com/x' }
const PARAMS = { username: 'a<b>&"\'', code: 'ABCDE-FGHJK', email: 'new@example.com' }
const ESCAPED = 'a&lt;b&gt;&amp;&quot;&#39;'
const message = (template: Template) => ({ template, to: 'ada@example.com', id: '7.1', userId: 7, params: PARAMS })

/** What each text has to name, and how long its code counts. */
const TEMPLATES: Record<Template, { link?: string, names: string[], seconds?: number }> = {
  'confirm-email': { link: '/confirm-email', names: [PARAMS.code], seconds: CODE_TTL.confirm_email },
  'change-email': { link: '/change-email', names: [PARAMS.code], seconds: CODE_TTL.change_email },
  'reset-password': { link: '/reset-password', names: [PARAMS.code], seconds: CODE_TTL.reset_password },
  'sign-in-code': { names: [PARAMS.code], seconds: CODE_TTL.sign_in },
  'email-changed': { names: [PARAMS.email] },
  'revert-email': { link: '/revert-email', names: [PARAMS.code, PARAMS.email], seconds: CODE_TTL.revert_email },
  'password-changed': { names: [] },
  'second-factor-changed': { names: [] },
  'token-created': { names: [] },
  'invitation': { link: '/accept-invitation', names: [PARAMS.code], seconds: INVITATION_TTL },
}
const each = Object.entries(TEMPLATES) as [Template, typeof TEMPLATES[Template]][]

/** How each language greets, how a subject looks in it, which words are its own, and how it says how long something counts. */
const SPOKEN: Record<Language, { hello: string, line: RegExp, own: RegExp, within: Record<number, string> }> = {
  en: { hello: 'Hello', line: /^[A-Z][\w ]{10,60}$/, own: /\b(your?|choose)\b/i, within: { 604_800: 'within seven days', 259_200: 'within three days', 86_400: 'within a day', 3_600: 'within an hour', 300: 'within five minutes' } },
  de: { hello: 'Hallo', line: /^\p{Lu}[\p{L} -]{10,60}$/u, own: /\b(deine?|du|dich|dir|lege)\b/i, within: { 604_800: 'innerhalb von sieben Tagen', 259_200: 'drei Tage lang', 86_400: 'innerhalb eines Tages', 3_600: 'innerhalb einer Stunde', 300: 'fünf Minuten lang' } },
}
const spoken = Object.entries(SPOKEN) as [Language, typeof SPOKEN[Language]][]

for (const [language, { hello, line, own, within }] of spoken) {
  t.test(`every template is there in ${language}, and filled in, in text and HTML`, async (t) => {
    const others = spoken.filter(([other]) => other !== language)
    const render = await loadTemplates({ dataDir: t.testdir({}), ...options })
    t.same(Object.keys(CATALOGUES[language]).sort(), Object.keys(TEMPLATES).sort())
    for (const [template, { link, names, seconds }] of each) {
      const { subject, text, html } = render({ ...message(template), language })
      t.match(subject, line, template)
      for (const part of [subject, text, html]) {
        t.notMatch(part, /\{\{|\}\}|undefined/, template)
        t.match(part, own, `${template} speaks it`)
        for (const [, other] of others) t.notMatch(part, other.own, `${template} speaks nothing else`)
      }
      t.ok(text.startsWith(`${hello} ${PARAMS.username},\n`), template)
      t.ok(html.startsWith(`<!doctype html>\n<html lang="${language}">`), template)
      t.ok(html.includes(`<p>${hello} ${ESCAPED},</p>`), template)
      t.notMatch(html, /<(img|script|style|link)|src=/i, 'nothing is fetched by looking')
      for (const name of names) t.ok(text.includes(name) && html.includes(name), `${template} names ${name}`)
      const said = Object.entries(within).filter(([, words]) => text.includes(words)).map(([time]) => Number(time))
      t.same(said, seconds === undefined ? [] : [seconds], `${template} tells how long`)
      const address = link === undefined ? undefined : `https://app.example.com/x${link}?code=${PARAMS.code}`
      t.same(text.match(/https?:\S+/g), address === undefined ? null : [address], template)
      t.same(Array.from(html.matchAll(/href="([^"]*)"/g), ([, href]) => href), address === undefined ? [] : [address], template)
    }
  })

  t.test(`a name that is long, or turns what follows it, harms nothing in ${language}`, async (t) => {
    const render = await loadTemplates({ dataDir: t.testdir({}), ...options })
    const plain = (template: Template) => render({ ...message(template), language, params: { username: 'ada', code: 'ABCDE-FGHJK', email: 'a@b.co' } })
    for (const username of ['a'.repeat(255), '\u0639\u0645\u0631', '\u202eada', 'ada\u2067']) {
      for (const [template] of each) {
        const { subject, text, html } = render({ ...message(template), language, params: { username, code: 'ABCDE-FGHJK', email: 'a@\u05d0\u05d1.example' } })
        const before = plain(template)
        t.equal(subject, before.subject, 'no name stands in it')
        t.equal(text.replace(username, 'ada').replace('a@\u05d0\u05d1.example', 'a@b.co'), before.text)
        t.equal(html.replace(username, 'ada').replace('a@\u05d0\u05d1.example', 'a@b.co'), before.html)
        // A direction ends with its line: nothing else may stand in one with a name, nor after an address.
        t.same(text.split('\n').filter((line) => line.includes(username)), [`${hello} ${username},`], template)
        for (const line of text.split('\n').filter((line) => line.includes('\u05d0'))) t.match(line, /: a@\u05d0\u05d1\.example$/, template)
      }
    }
  })
}

t.test('people are written to in their language, where there is one', async (t) => {
  const render = await loadTemplates({ dataDir: t.testdir({}), ...options })
  const tags = { de: 'de', 'de-AT': 'de', 'de-Latn-CH-1996': 'de', DE: 'de', en: 'en', 'en-GB': 'en', fr: 'en', gsw: 'en', nds: 'en', den: 'en', 'x-de': 'en', constructor: 'en', '': 'en' } as const
  for (const [language, expected] of Object.entries(tags)) {
    t.equal(languageOf(language), expected, language)
    t.same(render({ ...message('sign-in-code'), language }), render({ ...message('sign-in-code'), language: expected }), language)
  }
  t.same(render(message('sign-in-code')), render({ ...message('sign-in-code'), language: 'en' }), 'an address that is nobody\'s')
})

t.test('an operator\'s file for one language comes before one for all', async (t) => {
  const templates = { 'sign-in-code.txt': 'all {{code}}', 'sign-in-code.de.txt': 'nur {{code}}', 'sign-in-code.en.subject.txt': 'Just English', 'reset-password.de.html': '<b>{{code}}</b>' }
  const [render, ours] = [await loadTemplates({ dataDir: t.testdir({ templates }), ...options }), await loadTemplates({ dataDir: t.testdir({}), ...options })]
  const [en, de] = (['en', 'de'] as const).map((language) => render({ ...message('sign-in-code'), language }))
  t.match(en, { subject: 'Just English', text: 'all ABCDE-FGHJK', html: '<p>all ABCDE-FGHJK</p>' })
  t.match(de, { subject: CATALOGUES.de['sign-in-code'].subject, text: 'nur ABCDE-FGHJK', html: '<p>nur ABCDE-FGHJK</p>' })
  t.same(render(message('reset-password')), ours(message('reset-password')))
  t.same(render({ ...message('reset-password'), language: 'de' }), { ...ours({ ...message('reset-password'), language: 'de' }), html: '<b>ABCDE-FGHJK</b>' })
  await t.rejects(loadTemplates({ dataDir: t.testdir({ templates: { 'sign-in-code.de.txt': '{{name}}' } }), ...options }), { name: 'ConfigError', message: /sign-in-code\.de\.txt: \{\{name\}\}/ })
})

t.test('where links lead is asked for when a message is sent', async (t) => {
  let linkUrl = ''
  const render = await loadTemplates({ dataDir: t.testdir({}), from: options.from, linkUrl: () => linkUrl })
  linkUrl = 'http://127.0.0.1:3000'
  t.match(render(message('confirm-email')).text, '\nhttp://127.0.0.1:3000/confirm-email?code=')
})

t.test('a template without its address says so', async (t) => {
  const render = await loadTemplates({ dataDir: t.testdir({}), ...options })
  const { text } = render({ ...message('email-changed'), params: { username: 'ada' } })
  t.match(text, /now: –\n/)
})

t.test('an operator\'s files take the place of ours, each part of each template for itself', async (t) => {
  const FILE = 'Hej {{username}} {{ code }} {{link}} {{email}} {username} {{}'
  const ours = await loadTemplates({ dataDir: t.testdir({}), ...options })
  for (const [template, { link = '' }] of each) {
    const address = link && `https://app.example.com/x${link}?code=${PARAMS.code}`
    const plain = `Hej ${PARAMS.username} ABCDE-FGHJK ${address} new@example.com {username} {{}`
    const escaped = plain.replace(PARAMS.username, ESCAPED)
    for (const [ending, part] of [['.subject.txt', 'subject'], ['.txt', 'text'], ['.html', 'html']] as const) {
      const dataDir = t.testdir({ templates: { [`${template}${ending}`]: FILE } })
      const rendered = (await loadTemplates({ dataDir, ...options }))(message(template))
      const expected = { ...ours(message(template)), [part]: part === 'html' ? escaped : plain }
      if (part === 'text') expected.html = `<!doctype html>\n<html lang="en"><body>\n<p>${escaped}</p>\n</body></html>\n`
      t.same(rendered, expected, `${template}${ending}`)
    }
  }
})

t.test('a text that was written elsewhere keeps its lines', async (t) => {
  const dataDir = t.testdir({ templates: { 'sign-in-code.txt': '\uFEFFHej {{username}}\r\n\r\n<{{code}}>\r\nThe team\r\n', 'sign-in-code.subject.txt': '\uFEFFKod {{code}}\r\n' } })
  const { subject, text, html } = (await loadTemplates({ dataDir, ...options }))({ ...message('sign-in-code'), params: { username: 'ada', code: '$& $1' } })
  t.equal(subject, 'Kod $& $1')
  t.equal(text, 'Hej ada\n\n<$& $1>\nThe team\n')
  t.match(html, '<p>Hej ada</p>\n<p>&lt;$&amp; $1&gt;<br>\nThe team</p>\n')
})

t.test('a placeholder that does not exist stops the start, in one sentence', async (t) => {
  for (const [name, placeholder] of [['reset-password.txt', '{{name}}'], ['confirm-email.html', '{{user name}}'], ['sign-in-code.subject.txt', '{{Code}}'], ['email-changed.txt', '{{constructor}}'], ['email-changed.html', '{{ }}']] as const) {
    const dataDir = t.testdir({ templates: { [name]: `{{username}} ${placeholder}` } })
    const error = await loadTemplates({ dataDir, ...options }).then(() => ({ name: '', message: '' }), (reason: Error) => reason)
    t.equal(error.name, 'ConfigError')
    t.ok(error.message.includes(`templates/${name}: ${placeholder} is no placeholder; there are {{username}}, {{code}}, {{link}}, {{email}}`), error.message)
    t.notMatch(error.message, '\n')
  }
})

t.test('G2 a domain in its own script is delivered to, and sent from, by its xn-- form', async (t) => {
  for (const from of ['Visage <visage@b\u00fccher.example>', 'visage@b\u00fccher.example ']) {
    const render = await loadTemplates({ dataDir: t.testdir({}), ...options, from })
    const { to, messageId } = render({ ...message('confirm-email'), to: 'Grete@B\u00dcCHER.example' })
    t.same([to.address, messageId], ['Grete@xn--bcher-kva.example', '<7.1@xn--bcher-kva.example>'])
    t.equal(render(message('confirm-email')).to.address, 'ada@example.com')
  }
})
