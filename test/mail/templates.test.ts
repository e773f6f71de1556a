import t from 'tap'
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openMailer } from '../../src/mail/open.ts'
import { loadTemplates } from '../../src/mail/templates.ts'
import { TEXTS } from '../../src/mail/texts.ts'
import type { Template } from '../../src/core/mail.ts'

const options = { from: 'Visage <visage@example.com>', linkUrl: () => 'https://app.example.com/x' }
const message = (template: Template) => ({ template, to: 'ada@example.com', id: '7.1', userId: 7, params: { username: 'a<b>&', code: 'ABCDE-FGHJK', email: 'new@example.com' } })

t.test('every template is filled in, in text and HTML', async (t) => {
  const render = await loadTemplates({ dataDir: t.testdir({}), ...options })
  for (const template of Object.keys(TEXTS) as Template[]) {
    const { subject, text, html } = render(message(template))
    t.ok(subject.length > 5, template)
    for (const part of [subject, text, html]) t.notMatch(part, /\{\{|undefined/, template)
    t.match(text, /^Hello a<b>&,/)
    t.match(html, /Hello a&lt;b&gt;&amp;,/)
  }
  t.match(render(message('reset-password')).html, '<a href="https://app.example.com/x/reset-password?code=ABCDE-FGHJK">')
  t.match(render(message('confirm-email')).text, 'https://app.example.com/x/confirm-email?code=ABCDE-FGHJK')
})

t.test('an operator\'s files take the place of ours, each part for itself', async (t) => {
  const dataDir = t.testdir({ templates: { 'reset-password.txt': 'Hej {{ username }}: {{code}}', 'confirm-email.html': '<p>{{username}}</p>', 'sign-in-code.subject.txt': 'Kod {{code}}\n' } })
  const render = await loadTemplates({ dataDir, ...options })
  t.match(render(message('reset-password')), { text: 'Hej a<b>&: ABCDE-FGHJK', subject: TEXTS['reset-password'].subject })
  t.match(render(message('reset-password')).html, 'Hej a&lt;b&gt;&amp;: ABCDE-FGHJK', 'the HTML follows the text')
  t.equal(render(message('confirm-email')).html, '<p>a&lt;b&gt;&amp;</p>')
  t.equal(render(message('sign-in-code')).subject, 'Kod ABCDE-FGHJK')
})

t.test('a placeholder that does not exist is one sentence', async (t) => {
  const dataDir = t.testdir({ templates: { 'reset-password.txt': 'Hej {{name}}' } })
  await t.rejects(loadTemplates({ dataDir, ...options }), { name: 'ConfigError', message: /reset-password\.txt: \{\{name\}\} is no placeholder; there are \{\{username\}\}/ })
})

t.test('as files: whole, private, the same at every attempt, and forgotten with the person', async (t) => {
  const dataDir = t.testdir({})
  mkdirSync(join(dataDir, 'mail'), { mode: 0o700 })
  const logged: string[] = []
  const log = { info: (details: object, text: string) => { logged.push(JSON.stringify(details) + text) }, warn: () => {} }
  const mailer = await openMailer({ dataDir, ...options, log })
  await mailer.send(message('reset-password'))
  await mailer.send(message('reset-password'))
  await mailer.send({ ...message('reset-password'), userId: 77 })
  const names = readdirSync(join(dataDir, 'mail')).sort()
  t.same(names, ['7-7.1.eml', '77-7.1.eml'])
  t.equal(statSync(join(dataDir, 'mail', '7-7.1.eml')).mode & 0o777, 0o600)
  t.match(readFileSync(join(dataDir, 'mail', '7-7.1.eml'), 'utf8'), /ABCDE-FGHJK/)
  t.match(logged[0], /7-7\.1\.eml/)
  t.notMatch(logged.join(), /ABCDE|ada@example/)
  writeFileSync(join(dataDir, 'mail', 'note'), 'not ours')
  await mailer.forget(7)
  t.same(readdirSync(join(dataDir, 'mail')).sort(), ['77-7.1.eml', 'note'])
  await mailer.close()
})
