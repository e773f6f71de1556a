import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../src/core/errors.ts'
import type { Changes } from '../../src/core/fields/index.ts'
import type { IfMatch } from '../../src/core/people/revision.ts'
import type { Account } from '../../src/core/people/users.ts'
import { optionsOf, senderOf, targetOf } from '../request.ts'
import { changedSince } from './conditions.ts'
import { fromBody } from './convert.ts'
import { isDry } from './dry-run.ts'
import { judged } from './judgement.ts'
import { ignored, isLenient, mergesDisjoint } from './preferences.ts'
import type { PersonWritten } from './schemas.ts'
import { personFor, rehearsedPerson } from './shown.ts'

/** How often a write that others overtake is tried again. */
const TRIES = 5

/** Changes the account that the path names: by the body, the query and the preferences of the request. */
export async function edit (request: FastifyRequest, reply: FastifyReply): Promise<PersonWritten> {
  const { users } = request.server.core
  const target = targetOf(request)
  const sender = senderOf(request)
  const { body, findings, refused } = await judged(request, target)
  const options = { ...optionsOf(request), errors: [...findings, ...isLenient(request) ? [] : refused] }
  const changes = fromBody(body)
  const told = ignored(request, reply, refused)

  if (isDry(request)) {
    const rehearse = (ifMatch: IfMatch) => users.rehearseEdit(sender, target.id, changes, { ...options, ifMatch })
    const { account, pictures } = await merged(request, changes, options.ifMatch, rehearse)
    return { ...await rehearsedPerson(request, target, account, pictures), ...told }
  }
  const account = await merged(request, changes, options.ifMatch, (ifMatch) => users.edit(sender, target.id, changes, { ...options, ifMatch }))
  reply.version = account.version
  return Object.assign(await personFor(request, account), told)
}

/** A write that was overtaken is tried again, where its sender lets it, on what others have not touched. */
type Write<T> = (ifMatch: IfMatch) => Promise<T>
async function merged<T> (request: FastifyRequest, changes: Changes, ifMatch: IfMatch, write: Write<T>, tries = TRIES): Promise<T> {
  try {
    return await write(ifMatch)
  } catch (error) {
    if (!(error instanceof AppError) || error.current === undefined || tries === 0) throw error
    // Somebody was quicker while it was encoded, which is done once: it has to be sent again.
    if (changes.avatar?.isGone || changes.cover?.isGone) throw error
    const now = await ifMatchOf(request, error.current, changes)
    if (!now?.includes(error.current.version)) throw error
    return await merged(request, changes, now, write, tries - 1)
  }
}

/** What a write may be made on, where its sender lets it: the version that is there, when what it names is as it was. */
export async function ifMatchOf (request: FastifyRequest, current: Account, changes: Changes): Promise<IfMatch> {
  const { ifMatch } = request
  if (ifMatch === undefined || ifMatch.includes(current.version) || !mergesDisjoint(request)) return ifMatch
  const others = await changedSince(request, current)
  return others === null || wordsOf(changes).some((word) => others.includes(word)) ? ifMatch : [current.version]
}

/** The fields that changes name, as the log has them. What a picture shows is said of the picture that is there. */
const wordsOf = ({ attributes = {}, cuts = {}, alts = {}, ...changes }: Changes): string[] => [
  ...Object.keys(changes),
  ...Object.keys(cuts),
  ...Object.keys(alts).flatMap((kind) => [kind, `${kind}Alt`]),
  ...Object.keys(attributes).map((key) => `attributes.${key}`),
]
