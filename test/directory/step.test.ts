import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import type { Test } from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { folded } from '../../src/db/fold.ts'
import { build, signUp, tokenOf } from '../helper.ts'
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

/** The index says of every account what the account says of itself, and of nobody else. */
function inStep ({ dataDir }: Built): { stored: unknown[], meant: unknown[] } {
  const file = new Sqlite(join(dataDir, 'visage.db'))
  try {
    file.exec("insert into search (search, rank) values ('integrity-check', 1)")
    const rows = file.prepare('select * from users order by id').all() as Record<string, string | number | null>[]
    const meant = rows.map((row) => [row.id, String(row.id), ...['username', 'email', 'phone', 'real_name', 'first_name', 'last_name', 'location', 'description'].map((name) => folded(String(row[name] ?? ''))),
      Object.values(JSON.parse(String(row.attributes)) as Record<string, unknown>).map((value) => folded(String(value))).join('\n')])
    return { stored: file.prepare('select rowid, * from search order by rowid').raw().all(), meant }
  } finally {
    file.close()
  }
}

const same = (t: Test, built: Built) => {
  const { stored, meant } = inStep(built)
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
  for (const word of ['\0', 'a\0da', 'username:ada', 'ada OR zz', '-'.repeat(4_000), "'; drop table users", 'x AND y']) t.same((await find(word)).community, [], JSON.stringify(word.slice(0, 20)))
  t.same((await find('')).community.length, 2, 'nothing is no word')
})
