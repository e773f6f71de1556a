import { Type } from '@sinclair/typebox'
import type { TSchema, TUnsafe } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Family } from '../family.ts'
import { senderOf } from '../request.ts'
import { withExample } from '../shapes.ts'
import emailCodes from './email-codes.ts'

/** How a family has the routes at which people write addresses. */
export interface AddressOptions {
  /** What the paths of these routes begin with. */
  path: string
  email: () => TSchema & TUnsafe<string>
}

const NAMES = { email: 'email', code: 'code' }

/** A body that is an address, as the family has them; `use` is what it is for. */
export const withEmail = ({ name }: Family, use: string, email: ReturnType<AddressOptions['email']>) =>
  Type.Object({ email }, { title: `${name.charAt(0).toUpperCase()}${name.slice(1)}${use}` })

/** Whose address it is, for the families whose originals have no such endpoints. */
const emailRoutes: FastifyPluginAsyncTypebox<AddressOptions> = async (app, { path, email }) => {
  const { core: { emails }, family } = app
  const response = { 204: Type.Null() }

  app.post(`${path}/change/`, {
    config: { isConditional: true, names: NAMES },
    schema: {
      summary: 'Change the email address',
      description: 'Mails a code to the new address. The old one stays until that code comes back.',
      body: withEmail(family, 'EmailChange', withExample(email(), 'somebody@new.example')),
      response,
    },
  }, async (request) => {
    await emails.askToChange(senderOf(request), request.body.email, request.ifMatch)
  })

  await app.register(emailCodes, { path, response })

  app.post(`${path}/send/`, {
    config: { isConditional: true },
    schema: { summary: 'Send the confirmation again', description: 'Nothing is sent when the address is confirmed already.', response },
  }, async (request) => {
    await emails.sendAgain(senderOf(request), request.ifMatch)
  })
}

export default emailRoutes
