import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../../src/core/errors.ts'
import type { AppError } from '../../src/core/errors.ts'
import { FIELDS } from '../../src/core/fields/index.ts'
import { findingsOf } from '../findings.ts'
import { MESSAGES } from '../messages.ts'
import type { Names } from '../names.ts'
import { createErrorHandler, say } from '../problem.ts'
import { optionsOf } from '../request.ts'
import { password } from '../shapes.ts'
import { HEADERS, toHtml } from './page.ts'

const NAMES = { code: 'code', password: 'newPassword', otp: 'otp' }
const CodeSchema = Type.Object({ code: Type.String({ minLength: 1, format: 'text' }) })
const ACCEPT_NAMES = { code: 'code', username: 'username', password: 'password' }
const AcceptSchema = Type.Object({ ...CodeSchema.properties, username: Type.String({ minLength: 1, maxLength: FIELDS.username.max, format: 'text' }), password: password() })
const ResetSchema = Type.Object({ ...CodeSchema.properties, password: password(), otp: Type.Optional(Type.String({ format: 'text' })) })

const titleOf = { confirm: 'Confirm your email address', change: 'Confirm your new email address', revert: 'Take back the change of your email address', reset: 'Choose a new password', accept: 'Make your account' }
const hidden = (code: string) => ({ name: 'code', label: '', type: 'hidden', value: code } as const)
const codeIn = (values: unknown): string => {
  const { code } = (values ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : ''
}

const buttonFor = (button: string, code: string) => ({ button, fields: [hidden(code)] })
const resetForm = (code: string) => ({
  button: 'Set the password',
  fields: [
    hidden(code),
    { name: 'password', label: 'New password', type: 'password', autocomplete: 'new-password' },
    { name: 'otp', label: 'Code of your second factor, if you have turned one on', type: 'text', autocomplete: 'one-time-code', isOptional: true },
  ] as const,
})

const acceptForm = (code: string) => ({
  button: 'Make the account',
  fields: [
    hidden(code),
    { name: 'username', label: 'Username', type: 'text', autocomplete: 'username' },
    { name: 'password', label: 'Password', type: 'password', autocomplete: 'new-password' },
  ] as const,
})

/** What is wrong as a page, with the form once more where another try can help. */
function sendErrorOn (title: string, form?: typeof resetForm | typeof acceptForm, names: Names = NAMES) {
  const sendPage = createErrorHandler({
    challenge: 'Bearer realm="api"',
    names,
    represent: { schema: {}, show: () => ({}) },
    toBody (problem: AppError, _names, body) {
      const wrong = problem.fields.length > 0 ? problem.fields.map((finding) => say(finding).message) : [MESSAGES[problem.code](problem.params)]
      const isCodeGood = problem.fields.length > 0 && !problem.fields.some(({ field }) => field === 'code')
      return toHtml({ title, wrong, ...form && isCodeGood && { form: form(codeIn(body)) } })
    },
  })
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    // An error takes the content type away.
    reply.headers(HEADERS)
    sendPage(error, request, reply)
  }
}

/**
 * Where links in mails lead as long as no application has pages of its own (VISAGE_LINK_URL). A link only shows a form, because
 * mail scanners follow links; what it is for happens by the form.
 */
const links: FastifyPluginAsyncTypebox = async (app) => {
  const { emails, emailReversal, invitations, passwordChange } = app.core
  const config = { access: 'open' } as const

  app.addHook('onRequest', async (_request, reply) => { reply.headers(HEADERS) })

  app.get('/confirm-email', { config, schema: { hide: true } }, async ({ query }) =>
    toHtml({ title: titleOf.confirm, form: buttonFor('Confirm', codeIn(query)) }))
  app.post('/confirm-email', { config: { ...config, names: NAMES }, schema: { hide: true, body: CodeSchema }, attachValidation: true, errorHandler: sendErrorOn(titleOf.confirm) }, async (request) => {
    refuse(findingsOf(request))
    await emails.confirm(request.body.code, optionsOf(request, 'links'))
    return toHtml({ title: titleOf.confirm, text: 'Thank you: the address is confirmed.' })
  })

  app.get('/change-email', { config, schema: { hide: true } }, async ({ query }) =>
    toHtml({ title: titleOf.change, form: buttonFor('Confirm', codeIn(query)) }))
  app.post('/change-email', { config: { ...config, names: NAMES }, schema: { hide: true, body: CodeSchema }, attachValidation: true, errorHandler: sendErrorOn(titleOf.change) }, async (request) => {
    refuse(findingsOf(request))
    await emails.change({ code: request.body.code }, optionsOf(request, 'links'))
    return toHtml({ title: titleOf.change, text: 'Thank you: this is your email address now.' })
  })

  app.get('/revert-email', { config, schema: { hide: true } }, async ({ query }) => toHtml({
    title: titleOf.revert,
    text: 'Your old address will be put back, all sessions and API tokens will end, and you will get a code for a new password.',
    form: buttonFor('Take it back', codeIn(query)),
  }))
  app.post('/revert-email', { config: { ...config, names: NAMES }, schema: { hide: true, body: CodeSchema }, attachValidation: true, errorHandler: sendErrorOn(titleOf.revert) }, async (request) => {
    refuse(findingsOf(request))
    await emailReversal.revert(request.body.code, optionsOf(request, 'links'))
    return toHtml({ title: titleOf.revert, text: 'Your old address is back. A code to choose a new password is on its way to it.' })
  })

  app.get('/reset-password', { config, schema: { hide: true } }, async ({ query }) =>
    toHtml({ title: titleOf.reset, form: resetForm(codeIn(query)) }))
  app.post('/reset-password', { config: { ...config, names: NAMES }, schema: { hide: true, body: ResetSchema }, attachValidation: true, errorHandler: sendErrorOn(titleOf.reset, resetForm) }, async (request) => {
    refuse(findingsOf(request))
    const { code, password: next, otp } = request.body
    await passwordChange.reset({ code, next, address: request.ip, ...otp && { otp } }, optionsOf(request, 'links'), async () => undefined)
    return toHtml({ title: titleOf.reset, text: 'The password is set, and all sessions and API tokens are ended. You can sign in with it now.' })
  })

  app.get('/accept-invitation', { config, schema: { hide: true } }, async ({ query }) =>
    toHtml({ title: titleOf.accept, form: acceptForm(codeIn(query)) }))
  app.post('/accept-invitation', { config: { ...config, names: ACCEPT_NAMES }, schema: { hide: true, body: AcceptSchema }, attachValidation: true, errorHandler: sendErrorOn(titleOf.accept, acceptForm, ACCEPT_NAMES) }, async (request) => {
    refuse(findingsOf(request))
    const { code, ...person } = request.body
    await invitations.accept({ code, person }, { family: 'links', address: request.ip }, async () => undefined)
    return toHtml({ title: titleOf.accept, text: 'Welcome: you can sign in now.' })
  })
}

export default links
