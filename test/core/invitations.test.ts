import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { openService } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { asOfNow, OPERATOR } from '../../src/core/access.ts'
import type { Person } from '../../src/core/access.ts'
import { INVITATION_TTL } from '../../src/core/people/invitations.ts'
import type { Acceptance } from '../../src/core/people/acceptance.ts'
import { openStore } from '../contract/world.ts'
import { placeOf } from '../engines.ts'
import { PASSWORD } from '../helper.ts'
import { findRows, findText } from '../life/traces.ts'
import { entrance, refusalOf } from './entered.ts'
import { openWorld } from './world.ts'

const world = await openWorld(t)
const { db, deletion, file, groups, invitations, mail, users, dataDir } = world
const { person, sessions } = entrance(world)
const [admin, staff, ordinary] = [await person('regina', { isAdmin: true }), await person('stefan', { isStaff: true }), await person('otto')]
const FAMILY = { family: 'test' }
const INVALID = 'code: code_invalid'

/** The messages to an address, the oldest first. */
async function mailsTo (email: string): Promise<string[]> {
  await mail.deliver()
  return readdirSync(`${dataDir}/mail`).sort((a, b) => Number(/-(\d+)\./.exec(a)?.[1]) - Number(/-(\d+)\./.exec(b)?.[1]))
    .map((name) => readFileSync(`${dataDir}/mail/${name}`, 'utf8')).filter((text) => text.includes(`To: ${email}`))
}
const codeTo = async (email: string): Promise<string> => /\b[A-HJ-NP-Z2-9]{5}-[A-HJ-NP-Z2-9]{5}\b/.exec((await mailsTo(email)).at(-1) ?? '')?.[0] ?? ''
const accept = (code: string, username: string, more: Partial<Acceptance> = {}) =>
  invitations.accept({ code, person: { username, password: PASSWORD }, ...more }, FAMILY, (tx, account) => sessions.beginWithKey(tx, account, { device: '', address: '' }))
async function invite (name: string, by: Person = staff, more: object = {}) {
  const invitation = await invitations.create(by, { email: `${name}@example.com`, ...more })
  return { ...invitation, code: await codeTo(`${name}@example.com`) }
}

t.test('whoever is invited makes an account of their own, in the groups that they were invited into', async (t) => {
  const [one, two] = [await groups.create(OPERATOR, { name: 'one' }), await groups.create(OPERATOR, { name: 'two' })]
  const { id, code, ...invitation } = await invite('Grace', staff, { groups: [one.id, two.id, one.id] })
  t.same(invitation, { inviterId: staff.id, email: 'Grace@example.com', groups: [one.id, two.id], isStaff: false, createdAt: invitation.createdAt, expiresAt: invitation.createdAt + INVITATION_TTL * 1_000 })
  t.match((await mailsTo('Grace@example.com')).join(''), 'Subject: You are invited to make an account')
  t.same(findText(dataDir, code).filter((name) => !name.startsWith('mail/')), [], 'the code lies nowhere in the clear')
  t.same((await invitations.list(staff, { limit: 10 })).map((listed) => listed.id), [id])

  await groups.remove(OPERATOR, two.id)
  t.equal(await refusalOf(accept(code, 'otto')), 'username: username_taken')
  t.equal(await refusalOf(accept(code, 'admin')), 'username: invalid_username', 'who is invited is nobody yet')
  t.equal(await refusalOf(accept(code, 'grace', { person: { username: 'grace', password: 'short' } })), 'password: min_length')
  const more: object = { isAdmin: true, isActive: false, extId: 'x', email: 'another@example.com' }
  const { account, secret } = await accept(code.toLowerCase(), 'grace', {
    email: 'GRACE@example.com', person: { username: 'grace', password: PASSWORD, firstName: 'Grace', lastName: 'Hopper', realName: 'Grace Hopper', ...more },
  })
  t.match(secret, /^[0-9a-f]{40}$/)
  t.match(account, { username: 'grace', email: 'Grace@example.com', emailConfirmed: true, firstName: 'Grace', lastName: 'Hopper', realName: 'Grace Hopper', groups: [{ id: one.id }], isStaff: false, isAdmin: false, isActive: true, extId: null })
  t.same((await db.read.changes.list(account.id)).map(({ actorId, family, noun, verb }) => ({ actorId, family, noun, verb })), [{ actorId: null, family: 'test', noun: 'account', verb: 'created' }, { actorId: account.id, family: 'service', noun: 'session', verb: 'began' }])
  t.same(await invitations.list(staff, { limit: 10 }), [])
  t.same((await mailsTo('Grace@example.com')).filter((text) => text.includes('Confirm')), [], 'nothing is left to confirm')
  t.equal(await refusalOf(accept(code, 'grace-2')), INVALID, 'used twice')
})

t.test('who may invite whom, what is asked of it, and who takes it back', async (t) => {
  const refused = (by: Person, invited: object) => refusalOf(invitations.create(by, { email: 'x@example.com', ...invited }))
  const before = openStore(t, dataDir).dump()
  t.equal(await refused(ordinary, {}), 'permission_denied')
  t.equal(await refused(staff, { isStaff: true }), 'permission_denied')
  t.equal(await refused(staff, { email: 'x', groups: [4_711] }), 'email: invalid_email,groups: does_not_exist')
  t.equal(await refused(staff, { email: `${'x'.repeat(250)}@example.com` }), 'email: max_length')
  t.equal(await refusalOf(invitations.create(staff, { email: '', groups: [4_711] }, [{ field: 'email', code: 'required' }])), 'email: required,groups: does_not_exist')
  t.equal(await refusalOf(invitations.list(ordinary, { limit: 1 })), 'permission_denied')
  t.same(openStore(t, dataDir).dump(), before)

  const [chief, plain] = [await invite('chief', admin, { isStaff: true }), await invite('plain')]
  t.same((await invitations.list(staff, { limit: 1 })).map(({ id }) => id), [chief.id])
  t.same((await invitations.list(staff, { limit: 9, after: chief.id })).map(({ id }) => id), [plain.id])
  t.equal(await refusalOf(invitations.withdraw(ordinary, plain.id)), 'permission_denied')
  t.equal(await refusalOf(invitations.withdraw(staff, chief.id)), 'permission_denied', 'staff are not made by staff, nor kept out')
  t.equal(await refusalOf(invitations.withdraw(staff, 4_711)), 'not_found')
  await invitations.withdraw(admin, plain.id)
  t.equal(await refusalOf(invitations.withdraw(staff, plain.id)), 'not_found')
  t.equal(await refusalOf(accept(plain.code, 'plain')), INVALID)
  t.same(await mailsTo('plain@example.com'), [], 'and its mail is gone')
  t.match((await accept(chief.code, 'chief')).account, { isStaff: true, isAdmin: false })
  t.equal(await refusalOf(asOfNow(db.read, staff)), undefined)
})

t.test('a code does not count late, for another address, or after a newer one of the same person', async (t) => {
  const late = await invite('late')
  file.prepare('update invitations set expires_at = ? where id = ?').run(Date.now(), late.id)
  t.equal(await refusalOf(accept(late.code, 'late')), INVALID)
  t.same(await invitations.list(staff, { limit: 9 }), [])
  t.equal(await refusalOf(invitations.withdraw(staff, late.id)), 'not_found')
  t.equal(await invitations.removeExpired(), 1)
  t.same([await invitations.removeExpired(), await mailsTo('late@example.com')], [0, []])

  const first = await invite('twice')
  t.equal(await refusalOf(accept(first.code, 'twice', { email: 'another@example.com' })), INVALID, 'by another')
  for (const code of ['', 'x', 'AAAAA-AAAAA']) t.equal(await refusalOf(accept(code, 'otto')), INVALID, 'and nothing else is judged')
  t.equal(await refusalOf(invitations.accept({ code: '', person: { username: 'x', password: PASSWORD } }, { ...FAMILY, errors: [{ field: 'firstName', code: 'not_a_string' }] }, async () => undefined)), `firstName: not_a_string,${INVALID}`)
  const [second, other] = [await invite('twice'), await invite('twice', admin)]
  t.equal(await refusalOf(accept(first.code, 'twice')), INVALID)
  t.equal((await accept(second.code, 'twice')).account.email, 'twice@example.com', 'that of somebody else stands beside it')
  t.equal(await refusalOf(accept(other.code, 'twice-2')), INVALID, 'until one is accepted')
})

t.test('after the inviter\'s fall an invitation is void, also when it comes while the password is hashed', async (t) => {
  const falls: [name: string, fall: (who: Person) => Promise<unknown>, isStaff?: boolean][] = [
    ['inactive', (who) => users.edit(OPERATOR, who.id, { isActive: false }, FAMILY)],
    ['demoted', (who) => users.edit(OPERATOR, who.id, { isAdmin: false }, FAMILY)],
    ['left', (who) => deletion.hide(OPERATOR, who.id, () => {}, FAMILY)],
    ['gone', (who) => deletion.remove(OPERATOR, who.id, () => {}, FAMILY)],
    ['no-admin', (who) => users.edit(OPERATOR, who.id, { isAdmin: false, isStaff: true }, FAMILY), true],
  ]
  for (const [name, fall, isStaff = false] of falls) {
    const [inviter, early] = [await person(`inviter-${name}`, { isAdmin: true }), await person(`early-${name}`, { isAdmin: true })]
    const { code } = await invite(name, inviter, { isStaff })
    await invitations.create(early, { email: `unsent-${name}@example.com`, isStaff })
    const accepting = refusalOf(accept(code, name))
    await fall(inviter)
    t.equal(await accepting, INVALID, name)
    t.equal(await refusalOf(accept(code, name)), INVALID, name)
    await fall(early)
    t.same(await mailsTo(`unsent-${name}@example.com`), [], 'nor is it mailed')
    t.equal(await db.read.users.holderOf({ username: name }), undefined)
  }
  const inviter = await person('still-staff', { isAdmin: true })
  const { code } = await invite('no-admin-needed', inviter)
  await users.edit(OPERATOR, inviter.id, { isAdmin: false, isStaff: true }, FAMILY)
  t.equal((await accept(code, 'no-admin-needed')).account.username, 'no-admin-needed', 'who may still invite so')
})

t.test('of eight who accept at once one has an account', async (t) => {
  const { code } = await invite('eight')
  const outcomes = await Promise.all(Array.from({ length: 8 }, (_, i) => refusalOf(accept(code, `eight-${i}`))))
  t.same(outcomes.toSorted(), [...Array.from({ length: 7 }, () => INVALID), undefined])
  t.equal(file.prepare("select count(*) from users where username like 'eight%'").pluck().get(), 1)
})

t.test('nobody learns from an invitation who has an account', async (t) => {
  const known = (await db.read.users.findRow(ordinary.id))?.email ?? ''
  const sent = (await mailsTo(known)).length
  const { id: _, email: __, createdAt, expiresAt, ...unknown } = await invitations.create(staff, { email: 'stranger@example.com' })
  const { id, email, createdAt: at, expiresAt: until, ...told } = await invitations.create(staff, { email: known })
  t.same([told, until - at, email], [unknown, expiresAt - createdAt, known])
  t.ok((await invitations.list(staff, { limit: 99 })).some((listed) => listed.id === id), 'it is listed like any other')
  t.equal((await mailsTo(known)).length, sent, 'and nothing is mailed')
  // Somebody who signs up meanwhile.
  const { code } = await invite('quick')
  await person('quick')
  t.equal(await refusalOf(accept(code, 'quick-2')), INVALID)
})

t.test('a removal for good of inviter or invitee leaves nothing of them behind', async (t) => {
  const inviter = await person('zbigniew', { isStaff: true })
  const [accepted, pending] = [await invite('zofia', inviter), await invite('zuzanna', inviter)]
  const { account } = await accept(accepted.code, 'zofia')
  for (const name of ['zofia', 'zuzanna']) await invitations.create(admin, { email: `${name}@example.com` })
  await mail.deliver()
  await invitations.create(inviter, { email: 'unsent@example.com' })
  await deletion.remove(OPERATOR, inviter.id, () => {}, FAMILY)
  t.same(findRows(dataDir, inviter.id, ['zbigniew']).map(({ table }) => table), ['changes'])
  t.same(file.prepare('select count(*) from invitations where inviter_id = ?').pluck().get(inviter.id), 0)
  t.same([await refusalOf(accept(pending.code, 'zuzanna')), (await mailsTo('zuzanna@example.com')).length, (await mailsTo('unsent@example.com')).length], [INVALID, 1, 0], 'the mail of another\'s invitation stays')
  await deletion.remove(OPERATOR, account.id, () => {}, FAMILY)
  t.same(findRows(dataDir, account.id, ['zofia']).map(({ table }) => table), ['changes'])
  for (const text of ['zbigniew', 'zofia']) t.same(findText(dataDir, text), [], text)
})

t.test('what a crash left of the mails of invitations goes at the next start; invitations have a limit', async (t) => {
  const { id } = await invite('kept')
  file.prepare('delete from invitations where id < ?').run(id)
  const gone = await mail.ownersGone()
  t.ok(gone.length > 0 && gone.every((owner) => owner < 0 && owner !== -id), gone.join())
  await mail.forget(gone)
  t.same([await mail.ownersGone(), (await mailsTo('kept@example.com')).length], [[], 1])

  const inviter = await person('eager', { isStaff: true })
  for (let i = 0; i < 3; i++) await invitations.create(inviter, { email: 'often@example.com' })
  t.equal(await refusalOf(invitations.create(inviter, { email: 'OFTEN@example.com' })), 'throttled', 'three in an hour to an address')
  for (let i = 0; i < 97; i++) await invitations.create(inviter, { email: `many-${i}@example.com` })
  t.equal(await refusalOf(invitations.create(inviter, { email: 'one-more@example.com' })), 'throttled', 'a hundred by a person')

  const core = await openService({ config: { ...loadConfig(), ...placeOf(dataDir), rateLimit: false }, exclusive: false })
  t.teardown(() => core.close())
  await core.db.write((tx) => tx.invitations.setHash(id, 'x'.repeat(64)))
  t.ok((await core.sealReset.sealed()).codes > 100, 'what is lost with the seal key')
})
