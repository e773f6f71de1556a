import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Static } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireReach, requireStaff } from '../../src/core/access.ts'
import { refuse } from '../../src/core/errors.ts'
import type { PlainChanges } from '../../src/core/people/batch.ts'
import type { Account } from '../../src/core/people/users.ts'
import { STATUS } from '../messages.ts'
import { toProblem } from '../problem.ts'
import { flagOf } from '../query.ts'
import { only, optionsOf, senderOf } from '../request.ts'
import { AnswersSchema, BatchQuery, BatchSchema, findingsOfList, PICTURED } from './batch-schemas.ts'
import type { BatchItem } from './batch-schemas.ts'
import { NAMES, PatchSchema } from './bodies.ts'
import { fromBody } from './convert.ts'
import { differences, isDry } from './dry-run.ts'
import { ifMatchOf } from './edit.ts'
import { voice } from './errors.ts'
import { judged } from './judgement.ts'
import { ignored, isLenient } from './preferences.ts'
import { PersonSchema } from './schemas.ts'
import { personFor } from './shown.ts'

type Answer = Static<typeof AnswersSchema>['items'][number]

/** The request that an item would be by itself: a PATCH of this person. */
function requestOf (request: FastifyRequest, { patch, ifMatch }: BatchItem, target: Account): FastifyRequest {
  const { 'if-match': _, ...headers } = request.headers
  const own = {
    // Of the list as a whole nothing is left.
    validationError: undefined,
    ...request.server.readAs(PatchSchema, patch),
    target,
    headers: { ...headers, ...ifMatch !== undefined && { 'if-match': ifMatch } },
    routeOptions: { ...request.routeOptions, schema: { body: PatchSchema } },
  }
  return Object.create(request, Object.fromEntries(Object.entries(own).map(([name, value]) => [name, { value, writable: true }]))) as FastifyRequest
}

/** What an item asks for, as the core takes it, and how it is answered. Throws what a PATCH throws before its body is judged. */
async function read (request: FastifyRequest, reply: FastifyReply, item: BatchItem) {
  const target = await request.server.core.users.get(item.id)
  requireReach(senderOf(request), target)
  const single = requestOf(request, item, target)
  const { body, findings, refused } = await judged(single, target)
  const pictured = PICTURED.filter((name) => name in body)
  for (const name of pictured) delete body[name]
  const told = ignored(single, reply, refused)
  const errors = [...findings, ...isLenient(single) ? [] : refused, ...pictured.map((field) => ({ field, code: 'invalid_value' } as const))]
  const changes = fromBody(body) as PlainChanges
  const asked = { id: item.id, changes, errors, ifMatch: await ifMatchOf(single, target, changes) }

  async function shown (account: Account): Promise<Answer> {
    const person = await personFor(single, account)
    if (isDry(request)) {
      const changes = differences(await personFor(single, target), person)
      return { id: item.id, status: 200, person: { ...person, dryRun: true, changes, ...told } }
    }
    const etag = reply.etagOf(account.version, reply.serializeInput(person, PersonSchema))
    return { id: item.id, status: 200, etag, person: { ...person, ...told } }
  }
  return { asked, single, shown }
}

async function refusal (id: number, reason: unknown, request: FastifyRequest): Promise<Answer> {
  const problem = toProblem(reason, request)
  const beside = problem.current === undefined ? {} : await voice.besideCurrent?.({}, problem.current, request)
  return { id, status: STATUS[problem.code], problem: { ...voice.toBody(problem, NAMES, request.body, request) as NonNullable<Answer['problem']>, ...beside } }
}

/** Changes of many people at once, each as a PATCH of its own. */
const batchRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.addHook('onRequest', only(requireStaff))

  app.post('/people/batch/', {
    config: { canRehearse: true, canIgnore: true, collectsFindings: true },
    schema: {
      operationId: 'updatePeople',
      summary: 'Change many people',
      description: 'Each item is judged as a PATCH of that person by itself, without pictures. All that are good are stored in one commit; ' +
        'with `atomic=true` none is unless all are.',
      querystring: BatchQuery,
      body: BatchSchema,
      response: { 200: AnswersSchema },
    },
  }, async (request, reply) => {
    const isAtomic = flagOf(request.query, 'atomic') === true
    const items = request.body as BatchItem[]
    refuse(findingsOfList(items))

    const readings = []
    for (const item of items) readings.push((await Promise.allSettled([read(request, reply, item)]))[0])
    const asked = readings.map((reading) => reading.status === 'fulfilled' ? reading.value.asked : reading.reason as Error)
    const { family, address } = optionsOf(request)
    const ends = await app.core.users.editMany(senderOf(request), asked, { family, address, isAtomic, isDry: isDry(request) })
    const answers: Answer[] = []
    for (const [i, { id }] of items.entries()) {
      const [reading, end] = [readings[i], ends[i]]
      const said = reading?.status === 'fulfilled' ? reading.value : undefined
      const isDone = end?.status === 'fulfilled' && said !== undefined
      answers.push(isDone ? await said.shown(end.value) : await refusal(id, (end as PromiseRejectedResult).reason, said?.single ?? request))
    }
    return { items: answers }
  })
}

export default batchRoutes
