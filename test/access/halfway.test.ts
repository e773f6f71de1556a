import { once } from 'node:events'
import { request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { Test } from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { PASSWORD } from '../helper.ts'
import { ORACLE, verdict } from './oracle.ts'
import type { Named, Rank, Rule } from './oracle.ts'
import { generated } from '../volume.ts'
import { createWorld } from './world.ts'
import type { Somebody, World } from './world.ts'
import { isOfPerson, needsSession, PICTURE, READS, WRITES } from './writes.ts'

/*
 * SECURITY A2, promise 9: a right that is lost while a body is on its way is lost. Each write is sent up to the first byte of
 * its body, then the right goes, then the rest comes.
 */
const RANKS: Rank[] = ['ordinary', 'staff', 'admin']
const NAMED = ['themselves', 'ordinary', 'staff', 'admin', 'hidden'] as const satisfies Named[]

interface Cell { name: string, rule: Rule, rank: Rank, named: typeof NAMED[number] }

const ENDINGS: Record<string, { by: (world: World, sender: Somebody) => Promise<unknown>, isByToken?: true, takesRole?: true, takesProof?: true }> = {
  'the session ended': { by: ({ app }, { sid, token }) => app.inject({ method: 'DELETE', url: `/api/profile/sessions/${sid}/`, headers: token }) },
  'the API token revoked': { isByToken: true, by: ({ app }, { tokenId, headers }) => app.inject({ method: 'DELETE', url: `/api/profile/tokens/${tokenId}/`, headers }) },
  'the password changed': {
    async by (world, { id }) {
      const { headers } = await world.signIn(id)
      await world.app.inject({ method: 'POST', url: '/api/password/change/', headers, payload: { password: PASSWORD, new_password: 'somebody was quicker' } })
    },
  },
  deactivated: { by: ({ core }, { id }) => core.users.edit(OPERATOR, id, { isActive: false }, { family: 'operator' }) },
  hidden: { by: ({ core }, { id }) => core.deletion.hide(OPERATOR, id, () => {}, { family: 'operator' }) },
  'the proof too old': { takesProof: true, by: ({ core }, { sid }) => core.db.write((tx) => tx.sessions.prove(sid, Date.now())) },
  'the role taken away': { takesRole: true, by: ({ core }, { id }) => core.users.edit(OPERATOR, id, { isStaff: false, isAdmin: false }, { family: 'operator' }) },
}
type Ending = keyof typeof ENDINGS

const isProven = (rule: Rule) => rule.endsWith('proven')
const needsRole = ({ rule, named }: Cell) => /^(staff|admin)/.test(rule) || (rule.startsWith('in reach') && named !== 'themselves')
const needsProof = ({ rule, named }: Cell) => isProven(rule) && (rule !== 'in reach, own proven' || named === 'themselves')
/** Whether an ending takes away what this cell needs, so that the request can begin and must not end. */
function applies (cell: Cell, ending: Ending): boolean {
  const { isByToken, takesProof, takesRole } = ENDINGS[ending] ?? {}
  return !(isByToken && (needsSession(cell.name) || isProven(cell.rule))) && (!takesRole || needsRole(cell)) && (!takesProof || needsProof(cell))
}

let nonce = 0

/** One held write; `ending` undefined sends it whole in the end, all rights as they were. */
async function hold (world: World, { name, rule, rank, named }: Cell, ending?: Ending): Promise<{ status: number, body: string, isUntouched: boolean, isLogged: boolean }> {
  const [method = '', path = ''] = name.split(' ')
  const sender = await world.make(rank)
  const targetId = named === 'themselves' ? sender.id : (await world.make(named === 'hidden' ? 'ordinary' : named, named === 'hidden' ? named : undefined)).id
  const scene = { world, sender, targetId, nonce: nonce++ }
  const write = WRITES[name] ?? {}
  const url = (isOfPerson(name) ? path.replace(':id', String(targetId)) : path).replace(/:\w+/, String(await write.named?.(scene)))
  const body = write.isPicture ? PICTURE : Buffer.from(JSON.stringify(await write.body?.(scene) ?? {}))
  if (isProven(rule)) await world.core.db.write((tx) => tx.sessions.prove(sender.sid, Date.now() + 600_000))
  // Or what is mailed would be written while somebody looks.
  await world.core.mail.deliver()
  const { by = async () => undefined, isByToken } = ending === undefined ? {} : ENDINGS[ending] ?? {}

  const begun = once(world.begun, String(scene.nonce))
  const request = send({
    port: (world.app.server.address() as AddressInfo).port, method, path: url,
    headers: { ...isByToken ? sender.token : sender.headers, 'x-held': scene.nonce, 'content-type': write.isPicture ? 'image/png' : 'application/json', 'content-length': body.length },
  })
  request.write(body.subarray(0, 1))
  await begun
  await by(world, sender)
  const [before, rows] = [world.state(), world.logged()]
  request.end(body.subarray(1))
  const [response] = await once(request, 'response')
  return { status: response.statusCode, body: await text(response), isUntouched: world.state() === before, isLogged: world.logged() > rows }
}

async function openWorld (t: Test): Promise<World> {
  const world = await createWorld(t)
  await world.app.listen({ host: '127.0.0.1', port: 0 })
  // The last active admin stays, which would spoil the cells of the others.
  await world.make('admin')
  return world
}

/** What one only asks for, and proves later: what comes of it is in the log. */
const ONLY_ASKS = /(change_email|email\/change|confirm_email|email\/send|me\/email|me\/email\/confirmation|proof|POST \S*second[-_]factor)\/$/

/** The rules as they are for somebody who has just proved who they are. */
const PROVEN: Partial<Record<Rule, Rule>> = { proven: 'member', 'admin, proven': 'admin, anybody', 'in reach, proven': 'in reach', 'in reach, own proven': 'in reach' }
const writes = Object.entries(ORACLE).filter(([name, rule]) => rule !== 'open' && !name.startsWith('GET ') && !READS.has(name))
const cells: Cell[] = writes.flatMap(([name, rule]) => RANKS.flatMap((rank) => (isOfPerson(name) ? NAMED : ['themselves' as const])
  // Whoever is hidden already cannot be hidden: 400.
  .filter((named) => verdict(PROVEN[rule] ?? rule, rank, named) === 'through' && !(rule === 'self or admin' && named === 'hidden'))
  .map((named) => ({ name, rule, rank, named }))))
/** The first cell of each route: whoever has the least to say of those who may. */
const firsts = cells.filter(({ name }, i) => cells.findIndex((cell) => cell.name === name) === i)

t.test('A1 the list of writes is that of the routes', async (t) => {
  t.same(writes.map(([name]) => name).sort(), Object.keys(WRITES).sort())
})

t.test('A1 held half way, a write of somebody who lost nothing is done', async (t) => {
  const world = await openWorld(t)
  for (const cell of firsts) {
    const { status, body, isUntouched, isLogged } = await hold(world, cell)
    t.ok(status >= 200 && status < 300 && !isUntouched, `${cell.name}: ${status} ${body.slice(0, 120)}`)
    t.equal(isLogged, !ONLY_ASKS.test(cell.name), `${cell.name}: who did it is told`)
  }
})

t.test('A1 held half way, a write of somebody whose right is taken away is refused, and nothing has changed', async (t) => {
  const world = await openWorld(t)
  // In turn, so that each write meets some of the endings, and each ending some of the writes.
  const all = firsts.flatMap((cell) => Object.keys(ENDINGS).map((ending) => [cell, ending] as const)).filter((_, i) => i % generated(1, 3) === 0)
  const others = cells.filter((cell) => !firsts.includes(cell)).filter((_, i) => i % generated(1, 9) === 0).map((cell, i) => [cell, Object.keys(ENDINGS)[i % Object.keys(ENDINGS).length] ?? ''] as const)
  const wrong: string[] = []
  const tried = [...all, ...others].filter(([cell, ending]) => applies(cell, ending))
  for (const [cell, ending] of tried) {
    const { status, body, isUntouched } = await hold(world, cell, ending)
    const wanted = ENDINGS[ending]?.takesRole || ENDINGS[ending]?.takesProof ? 403 : 401
    if (status !== wanted || !isUntouched) wrong.push(`${cell.rank} ${cell.name} (${cell.named}), ${ending}: ${status} ${body.slice(0, 80)}${isUntouched ? '' : ', and something was written'}`)
  }
  t.same(wrong, [], `${tried.length} held writes, ${wrong.length} wrong`)
})
