import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireAdmin } from '../../src/core/access.ts'
import type { FieldError } from '../../src/core/errors.ts'
import { toId } from '../../src/core/formats.ts'
import { NOUNS } from '../../src/core/people/audit.ts'
import type { ChangeFilter, Told } from '../../src/core/people/history.ts'
import { only, senderOf } from '../request.ts'
import { listOf, listQuery, toList, windowOf } from './lists.ts'
import { sentIn } from './parameters.ts'
import { OWN, REACHED } from './whose.ts'

const ChangeSchema = Type.Object({
  id: Type.Integer(),
  at: Type.String(),
  noun: Type.String({ description: `what it was done to: ${NOUNS.join(', ')}` }),
  verb: Type.String({ description: 'created, changed, removed, began, ended or refused' }),
  subject: Type.Unsafe<number | null>({
    type: ['integer', 'null'],
    description: 'the id of the group, tag, field, session, token or invitation; null for an account, and where all were meant',
  }),
  person: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'whose account; null for what is nobody\'s, like a group' }),
  actor: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'who did it; null for the operator, and for somebody who is gone' }),
  family: Type.String({ description: 'through which family' }),
  address: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'from which network address, where that is for you to know' }),
  fields: Type.Array(Type.String(), { description: 'which fields, never what they held; `*` for all, when the account was removed' }),
  version: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'the version that the account had then; null for what moves none' }),
}, { title: 'Change' })
const word = (description: string) => Type.Optional(Type.String({ description }))
const FILTERS = {
  actor: word('the id of whoever did it'),
  field: word('one of the fields that were changed'),
  family: word('through which family'),
  noun: word(`what it was done to: ${NOUNS.join(', ')}`),
  from: word('the earliest time, like `2026-01-31T12:00:00Z`'),
  until: word('the time before which it was'),
}
const ChangesSchema = listOf(ChangeSchema)
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/

const toChange = ({ id, at, noun, verb, subjectId: subject, userId, actorId: actor, family, address, fields, version }: Told) =>
  ({ id, at: new Date(at).toISOString(), noun, verb, subject, person: userId || null, actor, family, address, fields, version: version || null })

/** What the query asks for, and what of it makes no sense. */
function filterOf (request: FastifyRequest): { filter: ChangeFilter, errors: FieldError[] } {
  const errors: FieldError[] = []
  const read = <T>(name: string, parse: (text: string) => T | undefined, code: 'invalid_integer' | 'invalid_value'): Record<string, T> => {
    const text = sentIn(request, name)
    const value = text === undefined ? undefined : parse(text)
    if (text !== undefined && value === undefined) errors.push({ field: name, code })
    return value === undefined ? {} : { [name]: value }
  }
  const idIn = (name: string) => read(name, toId, 'invalid_integer')
  const timeIn = (name: string) => read(name, (text) => TIME.test(text) && !Number.isNaN(Date.parse(text)) ? Date.parse(text) : undefined, 'invalid_value')
  const nounOf = (text: string) => NOUNS.find((noun) => noun === text)
  const wordIn = (name: string) => read(name, (text) => text === '' ? undefined : text, 'invalid_value')
  const ofWhat = { ...wordIn('field'), ...wordIn('family'), ...read('noun', nounOf, 'invalid_value') }
  return { filter: { ...idIn('person'), ...idIn('actor'), ...ofWhat, ...timeIn('from'), ...timeIn('until') }, errors }
}

/** What was done to accounts: one's own, those within reach, and for admins all of them. */
const changeRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { history } = app.core

  async function list (request: FastifyRequest, reply: FastifyReply, of: { person?: number } = {}) {
    const { window, errors: found } = windowOf(request)
    const { filter, errors } = filterOf(request)
    const asked = { ...filter, ...of }
    const page = await history.page(senderOf(request), { ...asked, ...window }, [...found, ...errors])
    return await toList(request, reply, page, toChange, () => history.count(senderOf(request), asked))
  }

  for (const { path, ownerOf, onRequest, called } of [OWN, REACHED]) {
    app.get(`${path}/changes/`, {
      schema: {
        operationId: `list${called}Changes`,
        summary: 'What was done to an account',
        description: 'The newest first.',
        querystring: listQuery(FILTERS),
        response: { 200: ChangesSchema },
      },
      onRequest,
    }, async (request, reply) => await list(request, reply, { person: ownerOf(request) }))
  }

  await app.register(async (ofAdmins: typeof app) => {
    ofAdmins.addHook('onRequest', only(requireAdmin))
    ofAdmins.get('/changes/', {
      schema: {
        operationId: 'listAllChanges',
        summary: 'The log of changes',
        description: 'Everything that was done to accounts, the newest first. For admins.',
        querystring: listQuery({ person: word('the id of whose account'), ...FILTERS }),
        response: { 200: ChangesSchema },
      },
    }, async (request, reply) => await list(request, reply))
  })
}

export default changeRoutes
