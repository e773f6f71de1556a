import { createHash, randomInt } from 'node:crypto'
import { join } from 'node:path'
import { mock } from 'node:test'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import type { Test } from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import type { UserRow } from '../../src/db/users.ts'
import type { Finding } from '../../src/core/fsck/index.ts'
import { hashKey } from '../../src/core/credentials/key-secrets.ts'
import { folded } from '../../src/db/fold.ts'
import { only, openSql } from '../engines.ts'
import { build, signUp, tokenOf } from '../helper.ts'
import { findText } from '../life/traces.ts'
import { sequence } from '../seeded.ts'
import { settled } from '../sockets/listening.ts'
import { generated } from '../volume.ts'
import { indexTexts, trigramsOf } from './index-texts.ts'
import type { Built, Person } from '../helper.ts'

/** Who finds whom by a word, through the staff list and the community's search. */
async function finder (built: Built) {
  const staff = await tokenOf(built, await signUp(built, 'zz-staff', { isAdmin: true }))
  return async (word: string): Promise<{ staff: number[], community: number[] }> => {
    const [inStaff, inCommunity] = await Promise.all([`/api/users/?search=${encodeURIComponent(word)}`, `/api/v2/user/search/?user=${encodeURIComponent(word)}`]
      .map(async (url) => (await built.app.inject({ url, headers: staff })).json<{ results: { id: number }[] }>().results.map(({ id }) => id)))
    return { staff: inStaff as number[], community: inCommunity as number[] }
  }
}

/** The index says of every account up to this id what the account says of itself, and of nobody else; but for what is too short to have a trigram. */
function inStep ({ dataDir }: Pick<Built, 'dataDir'>, indexedTo = Number.MAX_SAFE_INTEGER): { stored: unknown[], meant: unknown[] } {
  const file = openSql(dataDir)
  try {
    const rows = file.prepare('select * from users where id <= ? order by id').all(indexedTo) as Record<string, string | number | null>[]
    const meant = rows.flatMap((row) => [
      ['number', String(row.id)],
      ...['username', 'email', 'phone', 'real_name', 'first_name', 'last_name', 'location', 'description'].map((name) => [name, folded(String(row[name] ?? ''))]),
      ['attributes', Object.values(JSON.parse(String(row.attributes)) as Record<string, unknown>).map((value) => folded(String(value))).join('\n')],
    ].map(([name, text]) => [row.id, name, name === 'phone' ? text?.replace(/\D/g, '') : text]).filter(([, , text]) => [...String(text)].length >= 3))
    return { stored: indexTexts(dataDir), meant }
  } finally {
    file.close()
  }
}

const same = (t: Test, built: Pick<Built, 'dataDir'>, indexedTo?: number) => {
  const { stored, meant } = inStep(built, indexedTo)
  t.same(stored, meant, 'the index is in step')
}

t.test('whatever is edited is found as it is now, through any family', async (t) => {
  const built = await build(t)
  const find = await finder(built)
  const ada: Person = await signUp(built, 'ada')
  const id = ada.id
  await built.core.db.write((tx) => tx.profileFields.insert('nickname', { label: '', type: 'string', options: [], isMandatory: false, isEditable: true, isSearchable: true, read: 'public', write: 'self' }, 0))
  const send = (method: 'PATCH' | 'PUT', url: string, payload: object) => built.app.inject({ method, url, headers: ada.headers, payload })

  t.same(await find('ADA'), { staff: [id], community: [id] })
  await send('PATCH', `/api/v2/user/${id}/`, { username: 'countess', real_name: 'Ada Lovelace', nickname: 'Enchantress' })
  t.same(await find('lovelace'), { staff: [], community: [id] }, 'the staff list does not look at real names')
  t.same(await find('chantress'), { staff: [id], community: [id] })
  t.same(await find('countess'), { staff: [id], community: [id] })
  same(t, built)
  await send('PUT', `/api/profile/${id}/update/`, { first_name: 'Augusta', last_name: 'King' })
  t.same(await find('augusta king'), { staff: [id], community: [] })
  await send('PATCH', '/api/users/me/', { mobile_number: '+44 20 7946', email: 'augusta@example.org', attributes: { nickname: null } })
  t.same(await find('20 7946'), { staff: [id], community: [] })
  t.same(await find('enchant'), { staff: [], community: [] })
  await send('PATCH', `/api/v2/user/${id}/`, { real_name: '' })
  t.same((await find('lovelace')).community, [])
  same(t, built)

  const refused = await send('PATCH', `/api/v2/user/${id}/`, { username: 'zz-staff', real_name: 'Somebody Else' })
  t.equal(refused.statusCode, 400)
  t.same(await find('somebody'), { staff: [], community: [] }, 'what was refused is not found')
  await t.rejects(built.core.db.write(async (tx) => {
    await tx.users.update(id, { realName: 'Rolled Back' })
    throw new Error('no')
  }), /no/)
  same(t, built)

  await built.core.deletion.hide(OPERATOR, id, () => {}, { family: 'operator' })
  t.same(await find('countess'), { staff: [], community: [] }, 'who is hidden is not found')
  await built.core.deletion.restore(OPERATOR, id, { family: 'operator' })
  t.same(await find('countess'), { staff: [id], community: [id] })
  await built.core.deletion.remove(OPERATOR, id, () => {}, { family: 'operator' })
  t.same(await find('countess'), { staff: [], community: [] })
  same(t, built)
})

t.test('words of any kind are looked for, never obeyed', async (t) => {
  const built = await build(t)
  const find = await finder(built)
  const ada = await signUp(built, 'ada')
  await built.app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, headers: ada.headers, payload: { real_name: 'NEAR "OR" (x* AND) {username}:% _ Æther ﬃ' } })
  for (const word of ['"OR"', 'x*', '(x* AND)', '{username}:', '%', '_', '"', 'near', 'aether', 'ffi', 'ﬃ']) {
    t.same((await find(word)).community, [ada.id], word)
  }
  for (const word of ['\u00c6THER', 'A\u200bether', '\u00e6\u00adther\u202e', '\u200d']) t.same((await find(word)).community.includes(ada.id), true, `G1 ${JSON.stringify(word)}`)
  await built.app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, headers: ada.headers, payload: { real_name: 'Łucja Øster-\u0639\u0644\u06cc\u200c\u0631\u0636\u0627' } })
  for (const word of ['lucja', 'ŁUCJA', 'oster', 'Østër', '\u0639\u0644\u06cc\u0631\u0636\u0627', '\u0639\u0644\u06cc\u200c\u0631\u0636\u0627']) t.same((await find(word)).community, [ada.id], `G1 ${word}`)
  const bob = await signUp(built, 'bob')
  await built.app.inject({ method: 'PATCH', url: '/api/v2/user/me/visibility/', headers: ada.headers, payload: { real_name: 'self' } })
  const everybody = await built.app.inject({ url: '/api/v2/user/search/?real_name=%E2%80%8C', headers: bob.headers })
  t.equal(everybody.json<{ count: number }>().count, 3, 'G1 what nobody sees is no filter, also for a name that is hidden')
  for (const word of ['\0', 'a\0da', 'username:ada', 'ada OR zz', '-'.repeat(4_000), "'; drop table users", 'x AND y']) t.same((await find(word)).community, [], JSON.stringify(word.slice(0, 20)))
  t.same((await find('')).community.length, 3, 'nothing is no word')
})

async function findingsOf ({ core }: Pick<Built, 'core'>, repair = false): Promise<Finding[]> {
  const findings: Finding[] = []
  await core.fsck.run({ repair, onFinding: (finding) => { findings.push(finding) } })
  return findings
}

t.test('H ordinary updates leave nothing for fsck to find', async (t) => {
  const built = await build(t)
  const ada = await signUp(built, 'ada')
  for (const payload of [{ real_name: 'ab'.repeat(127) }, { company_name: 'y'.repeat(255) }, { real_name: 'x' }]) {
    t.equal((await built.app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, headers: ada.headers, payload })).statusCode, 200)
  }
  t.same(await findingsOf(built), [])
  same(t, built)
})

t.test('H works that share a commit are all in the index, and those of them that fail are not', { skip: only.index }, async (t) => {
  const built = await build(t)
  const { db } = built.core
  const ada = await signUp(built, 'ada')
  const name = (realName: string, fails = false) => db.write(async (tx) => {
    await tx.users.update(ada.id, { realName })
    if (fails) throw new Error('no')
  })
  const add = (username: string, fails = false) => db.write(async (tx) => {
    const { id } = await tx.users.insert({ username, createdAt: 1, updatedAt: 1 })
    if (fails) throw new Error('no')
    return id
  })
  const ends = await Promise.allSettled([add('failed', true), add('grace'), name('first', true), name('second'), name('third'), add('gone'), name('fourth', true), db.write((tx) => tx.users.remove(ada.id + 2)), add('late', true)])
  t.same(ends.map(({ status }) => status), ['rejected', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'rejected'])
  t.same(inStep(built).stored, [[1, 'username', 'ada'], [1, 'email', 'ada@example.com'], [1, 'real_name', 'third'], [2, 'username', 'grace']])
  same(t, built)
  t.match(await db.read.search.state(), { hasLeftovers: false }, 'nothing was taken out that had been in it')
})

const SEED = Number(process.env.VISAGE_SEED ?? randomInt(2 ** 31))

t.test('H whatever is done in whatever order, the index says what the accounts say', async (t) => {
  t.comment(`VISAGE_SEED=${SEED}`)
  const random = sequence(SEED)
  const built = await build(t)
  const { core: { db, searchIndex } } = built
  const alphabet = ['a', 'b', 'c', 'é', 'Ж', '𐌰', '"']
  const text = () => Array.from({ length: [0, 2, 3, 9, 60, 250][random(6)] ?? 0 }, () => alphabet[random(alphabet.length)]).join('')
  let made = 0
  const works = [
    () => db.write((tx) => tx.users.insert({ username: `person-${made++}`, realName: text(), location: text(), createdAt: 1, updatedAt: 1 })),
    () => db.write((tx) => tx.users.update(1 + random(made), { realName: text(), ...random(2) === 0 && { description: text() } })),
    () => db.write((tx) => tx.users.update(1 + random(made), { phone: `+${random(1e6)}`, attributes: { company_name: text(), company_role: text() } })),
    () => db.write(async (tx) => {
      await tx.users.update(1 + random(made), { realName: text(), location: text() })
      throw new Error('no')
    }),
    () => db.write((tx) => tx.users.remove(1 + random(made))),
    () => db.write((tx) => tx.search.compact()),
    () => db.write((tx) => tx.search.move(3)),
    () => db.write((tx) => tx.search.renew(1 + random(made))),
  ]
  for (let step = 0; step < generated(400, 120); step++) {
    const many = random(10) === 0 ? 40 : 1 + random(5)
    await Promise.allSettled(Array.from({ length: many }, () => works[random(step < 20 ? 2 : works.length)]?.()))
    if (random(80) === 0) await db.write((tx) => tx.search.makeAnew())
    if (step % 40 !== 39) continue
    const { indexedTo } = await db.read.search.state()
    const { stored, meant } = inStep(built, indexedTo)
    if (JSON.stringify(stored) !== JSON.stringify(meant)) t.same(stored, meant, `step ${step}, up to ${indexedTo}, VISAGE_SEED=${SEED}`)
  }
  await searchIndex.tend()
  t.match(await db.read.search.state(), { isWhole: true, hasLeftovers: false, passesLeft: 0 })
  same(t, built)
  t.same(await findingsOf(built), [])
})

t.test('H an id as large as there can be is in the index as well', async (t) => {
  const built = await build(t)
  const find = await finder(built)
  const id = Number.MAX_SAFE_INTEGER
  await built.core.db.write((tx) => tx.users.insert({ id, username: 'last', realName: 'Omega', createdAt: 1, updatedAt: 1 }))
  t.same((await find('omega')).community, [id])
  t.same(await findingsOf(built), [])
  await built.core.db.write((tx) => tx.users.update(id, { realName: 'Psi' }))
  t.same([(await find('omega')).community, (await find('psi')).community], [[], [id]])
  await built.core.deletion.remove(OPERATOR, id, () => {}, { family: 'operator' })
  t.same(await findingsOf(built), [])
})

t.test('H an index that cannot be written is given up: everybody writes on and is found, and it is made anew', { skip: only.index }, async (t) => {
  const built = await build(t)
  const find = await finder(built)
  const [ada, bob] = [await signUp(built, 'ada'), await signUp(built, 'bob')]
  const name = async (person: Person, realName: string) => (await built.app.inject({ method: 'PATCH', url: `/api/v2/user/${person.id}/`, headers: person.headers, payload: { real_name: realName } })).statusCode
  const file = new Sqlite(join(built.dataDir, 'visage.db'))
  t.teardown(() => { file.close() })
  for (const damage of ['delete from search_1_data; delete from search_2_data', 'drop table search_1_docsize', 'drop table search_1']) {
    file.unsafeMode().exec(damage)
    file.unsafeMode(false)
    t.same((await find('ada')).community, [ada.id], `found without the index: ${damage}`)
    t.same(await Promise.all([name(ada, 'Ada Lovelace'), name(bob, 'Bob Builder')]), [200, 200], damage)
    t.match(await built.core.db.read.search.state(), { isGivenUp: true })
    t.equal(await name(ada, 'Ada King'), 200)
    t.same(await Promise.all(['king', 'builder', 'lovelace'].map(async (word) => (await find(word)).community)), [[ada.id], [bob.id], []])
    t.match(await findingsOf(built), [{ code: 'index_broken' }])
    await built.core.searchIndex.tend()
    t.match(await built.core.db.read.search.state(), { isWhole: true })
    t.same(await findingsOf(built), [])
    same(t, built)
  }
})

t.test('H a search that begins after a 200 finds what that 200 said, while two thousand names are edited and the index is compacted', async (t) => {
  // As many as there are threads that search, so that no search waits for others before it begins.
  const WRITERS = 2
  const AT_ONCE = 4
  const built = await build(t)
  const { db, searchIndex } = built.core
  const letters = (of: string) => createHash('sha1').update(of).digest('hex').slice(0, 12)
  // Four who sit together have a name in common, so that one search looks for all of them.
  const people = await Promise.all(Array.from({ length: 2_000 }, (_, i) => db.write(async (tx) => {
    const secret = createHash('sha1').update(`token ${i}`).digest('hex')
    const { id } = await tx.users.insert({ username: `person-${i}`, realName: letters(`was ${Math.floor(i / AT_ONCE)}`), createdAt: 1, updatedAt: 1 })
    await tx.keys.insert({ userId: id, sessionId: null, name: '', hash: hashKey(secret), prefix: '', createdAt: 1, expiresAt: null })
    return { id, headers: { authorization: `Token ${secret}` } }
  })))
  const wrong: unknown[] = []
  const compactions: Promise<void>[] = []
  const find = async (word: string, { headers }: (typeof people)[number]) =>
    (await built.app.inject({ url: `/api/v2/user/search/?user=${word}`, headers })).json<{ results?: { id: number }[] }>().results?.map(({ id }) => id)

  let next = 0
  async function write (): Promise<void> {
    let looking = Promise.resolve()
    while (next < people.length) {
      const place = next
      const some = people.slice(place, next += AT_ONCE)
      const other = people.at(place - 1) as (typeof people)[number]
      const [was, is] = [letters(`was ${place / AT_ONCE}`), letters(`is ${place / AT_ONCE}`)]
      const edits = some.map(({ id, headers }, i) => built.app.inject({ method: 'PATCH', url: `/api/v2/user/${id}/`, headers, payload: { real_name: `${is} ${i}` } }))
      const statuses = (await Promise.all(edits)).map(({ statusCode }) => statusCode)
      const before = looking
      looking = (async () => {
        const found = [await find(is, other), await find(was, other)]
        if (JSON.stringify([statuses, ...found]) !== JSON.stringify([some.map(() => 200), some.map(({ id }) => id).sort((a, b) => a - b), []])) wrong.push({ place, statuses, found })
      })()
      await before
      if (place % 400 === 0) compactions.push(searchIndex.tend())
    }
    await looking
  }

  await Promise.all(Array.from({ length: WRITERS }, write))
  await Promise.all(compactions)
  t.same(wrong.slice(0, 3), [], `${wrong.length} searches of ${people.length / AT_ONCE} were wrong`)
  same(t, built)
})

t.test('H nothing that a removed person said is in a file, and no trigram of it in the index, within the hour, while others edit', { skip: only.index }, async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  const built = await build(t)
  const letters = Array.from('𐌰𐌱𐌲𐌳𐌴𐌵𐌶𐌷𐌸𐌹𐌺𐌻𐌼𐌽𐌾𐌿')
  // Whatever the terms before it share with a trigram, its last two letters are written out: no two begin with the same one.
  const pairs = letters.slice(2).map((letter, i) => `${letters[i + 1]}${letter}`)
  const [ada, busy] = [await signUp(built, 'ada'), await signUp(built, 'busy')]
  const inFiles = () => pairs.flatMap((pair) => findText(built.dataDir, pair))
  // What others say as well is in no list of hers.
  const inIndex = () => trigramsOf(join(built.dataDir, 'visage.db'), ada.id)
  const traces = () => [...inFiles(), ...inIndex()]
  const name = (person: Person, realName: string) => built.app.inject({ method: 'PATCH', url: `/api/v2/user/${person.id}/`, headers: person.headers, payload: { real_name: realName } })
  // In one piece with what many others say, so that nothing but a compaction takes it away.
  const amongMany = (set: Partial<UserRow>) => built.core.db.write(async (tx) => {
    await tx.users.update(ada.id, set)
    for (let i = 0; i < 300; i++) await tx.users.insert({ username: `${Object.keys(set).join()}-${i}`, createdAt: 1, updatedAt: 1 })
  })
  await amongMany({ realName: letters.join('') })
  await name(busy, 'Busy Bee')
  await name(busy, 'Busy Beaver')
  await built.core.searchIndex.tend()
  // And in the other half.
  await amongMany({ location: letters.toReversed().join('') })
  t.equal((await built.app.inject({ method: 'DELETE', url: `/api/v2/user/${ada.id}/?hard=1`, headers: ada.headers })).statusCode, 204)
  t.ok(inFiles().length >= pairs.length, 'the files still have it')
  t.match(new Set(inIndex()), new Set(['ada', 'exa', letters.slice(0, 3).join(''), letters.slice(0, 3).toReversed().join('')]), 'and the index, under her number')

  let edits = 0
  let isOver = false
  const editing = (async () => { for (; !isOver; edits++) await name(busy, `Busy ${edits} ${'beaver '.repeat(edits % 30)}`) })()
  let minutes = 0
  for (; traces().length > 0 && minutes < 60; minutes += 10) {
    mock.timers.tick(600_000)
    await settled(traces, (found) => found.length === 0, 3_000)
  }
  isOver = true
  await editing
  t.same(traces(), [])
  t.ok(minutes <= 60 && edits > 0, `gone after ${minutes} minutes and ${edits} edits`)
  t.same(await findingsOf(built), [])
  same(t, built)
})

t.test('G3 a number is searched by its digits', async (t) => {
  const built = await build(t)
  const find = await finder(built)
  const ada = await signUp(built, 'ada')
  await built.app.inject({ method: 'PATCH', url: '/api/users/me/', headers: ada.headers, payload: { mobile_number: '\u202a+49\u00a030 90\u20111820\u202c' } })
  for (const word of ['+49', '004930', '4930901820', '+49 30 901820', '90-18-20', '\u0664\u0669\u0663\u0660', '18', '+49(30)901820']) t.same((await find(word)).staff, [ada.id], word)
  for (const word of ['4930x', 'by mail', '03090', '+', '31']) t.same((await find(word)).staff, [], word)
})
