import type { FastifyPluginAsync } from 'fastify'
import { requireAdmin } from '../../src/core/access.ts'
import type { Family, FamilyOptions } from '../family.ts'
import { loadTarget, only, onlyReached, senderOf, targetOf } from '../request.ts'
import { requireKnownDryRun } from './dry-run.ts'
import avatars from './avatars.ts'
import batch from './batch.ts'
import changes from './changes.ts'
import email from './email.ts'
import { voice } from './errors.ts'
import explanations from './explanations.ts'
import fields from './fields.ts'
import groups from './groups.ts'
import invitations from './invitations.ts'
import limits from './limits.ts'
import me, { loadOwn } from './me.ts'
import password from './password.ts'
import people from './people.ts'
import { requireKnownQuery } from './parameters.ts'
import { problems } from './problems.ts'
import pictures from './avatar-cover.ts'
import visibility from './visibility.ts'
import { CreateSchema } from './bodies.ts'
import proof from './proof.ts'
import secondFactor from './second-factor.ts'
import rescue from './rescue.ts'
import sessions from './sessions.ts'
import signIn from './sign-in.ts'
import tags from './tags.ts'
import tokens from './tokens.ts'
import { unknownFindings } from './unknown.ts'
import { OWN, REACHED } from './whose.ts'

/** The native family: the whole account in the core's own words. */
const routes: FastifyPluginAsync<FamilyOptions> = async (app, { signUp, publicDirectory, passwordMin }) => {
  app.addHook('onRequest', (request, _reply, done) => {
    requireKnownDryRun(request)
    requireKnownQuery(request)
    done()
  })
  await app.register(signIn, { signUp })
  await app.register(proof)
  await app.register(invitations)
  await app.register(password)
  await app.register(email)
  await app.register(me)
  await app.register(visibility)
  await app.register(pictures, { path: '/me', onRequest: [loadOwn], called: 'My' })
  for (const whose of [OWN, REACHED]) await app.register(sessions, whose)
  for (const whose of [OWN, REACHED]) await app.register(avatars, whose)
  await app.register(tokens, { path: '/me/tokens', ownerOf: (request) => senderOf(request).id, onRequest: [], called: 'MyToken' })
  await app.register(secondFactor)
  await app.register(rescue)
  await app.register(changes)
  await app.register(people, { publicDirectory })
  await app.register(batch)
  await app.register(groups)
  await app.register(tags)
  await app.register(fields)
  await app.register(limits, { passwordMin })
  await app.register(explanations)
  await app.register(pictures, { path: '/people/:id', onRequest: [loadTarget, onlyReached], called: '' })
  await app.register(async (ofAdmins) => {
    ofAdmins.addHook('onRequest', only(requireAdmin))
    await ofAdmins.register(tokens, { path: '/people/:id/tokens', ownerOf: (request) => targetOf(request).id, onRequest: [loadTarget], called: 'Token' })
  })
}

export const native: Family = {
  name: 'native',
  description: 'For whatever is built new: the whole account.',
  voice,
  problems,
  creates: CreateSchema,
  isStrict: true,
  findings: unknownFindings,
  routes: { '/v1': routes },
}
