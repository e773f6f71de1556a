import t from 'tap'
import { CODE_TTL } from '../../src/core/sign-in/codes.ts'
import type { Template } from '../../src/core/mail/index.ts'
import { loadTemplates } from '../../src/mail/templates.ts'

const options = { from: 'Visage <visage@example.com>', linkUrl: () => 'https://app.example.com/x' }
const PARAMS = { username: 'a<b>&"\'', code: 'ABCDE-FGHJK', email: 'new@example.com' }
const ESCAPED = 'a&lt;b&gt;&amp;&quot;&#39;'
const message = (template: Template) => ({ template, to: 'ada@example.com', id: '7.1', userId: 7, params: PARAMS })

/** What each text has to name, and for how long its code counts. */
const TEMPLATES: Record<Template, { link?: string, names: string[], seconds?: number, within?: string }> = {
  'confirm-email': { link: '/confirm-email', names: [PARAMS.code], seconds: CODE_TTL.confirm_email, within: 'within three days' },
  'change-email': { link: '/change-email', names: [PARAMS.code], seconds: CODE_TTL.change_email, within: 'within a day' },
  'reset-password': { link: '/reset-password', names: [PARAMS.code], seconds: CODE_TTL.reset_password, within: 'within an hour' },
  'sign-in-code': { names: [PARAMS.code], seconds: CODE_TTL.sign_in, within: 'within five minutes' },
  'email-changed': { names: [PARAMS.email] },
  'revert-email': { link: '/revert-email', names: [PARAMS.code, PARAMS.email], seconds: CODE_TTL.revert_email, within: 'within seven days' },
  'password-changed': { names: [] },
  'second-factor-changed': { names: [] },
  'token-created': { names: [] },
}
const SECONDS: Record<string, number> = { 'within seven days': 604_800, 'within three days': 259_200, 'within a day': 86_400, 'within an hour': 3_600, 'within five minutes': 300 }
const each = Object.entries(TEMPLATES) as [Template, typeof TEMPLATES[Template]][]

t.test('every template is filled in, in text and HTML', async (t) => {
  const render = await loadTemplates({ dataDir: t.testdir({}), ...options })
  for (const [template, { link, names, seconds, within = '' }] of each) {
    const { subject, text, html } = render(message(template))
    t.match(subject, /^[A-Z][\w ]{10,60}$/, template)
    for (const part of [subject, text, html]) t.notMatch(part, /\{\{|\}\}|undefined/, template)
    t.ok(text.startsWith(`Hello ${PARAMS.username},\n`), template)
    t.ok(html.includes(`<p>Hello ${ESCAPED},</p>`), template)
    t.notMatch(html, /<(img|script|style|link)|src=/i, 'nothing is fetched by looking')
    for (const name of names) t.ok(text.includes(name) && html.includes(name), `${template} names ${name}`)
    t.equal(seconds, SECONDS[within], `${template} tells how long`)
    t.ok(text.includes(within), `${template} says ${within}`)
    const address = link === undefined ? undefined : `https://app.example.com/x${link}?code=${PARAMS.code}`
    t.same(text.match(/https?:\S+/g), address === undefined ? null : [address], template)
    t.same(Array.from(html.matchAll(/href="([^"]*)"/g), ([, href]) => href), address === undefined ? [] : [address], template)
  }
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
