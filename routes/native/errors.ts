import type { FastifyRequest } from 'fastify'
import type { AppError, FieldError } from '../../src/core/errors.ts'
import { STATUS } from '../messages.ts'
import type { Names } from '../names.ts'
import { byWireName } from '../problem.ts'
import type { Voice } from '../problem.ts'
import { NAMES } from './bodies.ts'
import { changedFor } from './conditions.ts'
import { catalogueFor } from './messages/index.ts'
import type { Catalogue } from './messages/catalogue.ts'
import { PersonSchema } from './schemas.ts'
import { personFor } from './shown.ts'

/** `application/problem+json` (RFC 9457), with all findings at once. */
function toBody (problem: AppError, names: Names, body: unknown, { id: requestId, headers, server }: FastifyRequest): object {
  const { code, params, fields } = problem
  const catalogue = catalogueFor(headers['accept-language'])
  const path = `/v1/problems/${code}`
  const errors = byWireName(problem, names, body)
    .flatMap(([field, findings]) => findings.map((finding) => ({ field, ...toFinding(finding, catalogue) })))
  return {
    // Before a route is found nobody knows the public address.
    type: server.hasDecorator('publicAddress') ? server.publicAddress.url(path) : path,
    title: catalogue.titles[code],
    status: STATUS[code],
    code,
    detail: catalogue.details[code](params),
    requestId,
    ...params.ticket !== undefined && { ticket: params.ticket },
    ...fields.length > 0 && { errors },
  }
}

function toFinding ({ code, params = {} }: FieldError, { fields }: Catalogue): object {
  const { limit = params.max, found, rule } = params
  return { code, message: fields[code](params), ...limit !== undefined && { limit }, ...found !== undefined && { found }, ...rule !== undefined && { rule } }
}

export const voice: Voice = {
  challenge: 'Bearer realm="visage"',
  type: 'application/problem+json; charset=utf-8',
  names: NAMES,
  toBody,
  represent: { schema: PersonSchema, show: async (account, request) => await personFor(request, account) },
  besideCurrent: async (_shown, current, request) => ({ person: await personFor(request, current), changed: await changedFor(request, current) }),
}
