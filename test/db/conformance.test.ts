import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import type { Test } from 'tap'
import { openDatabase } from '../../src/db/index.ts'
import type { Condition, Database, Order, Queries } from '../../src/db/index.ts'
import { createPool } from '../../src/db/postgres/client.ts'
import { startPostgres } from '../postgres.ts'
import { runTwice } from './twice.ts'

// What `src/db/database.ts` promises, asked of every engine through the port alone.

/** A database that nobody else has, and how to keep it from being written to; what that returns ends it. */
interface World { db: Database, occupy: () => Promise<() => Promise<void>> }

const ENGINES: Record<string, (t: Test) => Promise<World>> = {
  async SQLite (t) {
    const dataDir = t.testdir({})
    const db = await openDatabase({ dataDir, exclusive: true })
    t.teardown(() => db.close())
    return {
      db,
      async occupy () {
        const other = new Sqlite(join(dataDir, 'visage.db'))
        other.exec('begin immediate')
        return async () => { other.close() }
      },
    }
  },

  async PostgreSQL (t) {
    server ??= startPostgres('18')
    const url = await (await server).createDatabase()
    const db = await openDatabase({ dataDir: t.testdir({}), exclusive: true, url })
    t.teardown(() => db.close())
    return {
      db,
      async occupy () {
        const other = createPool({ connectionString: url, max: 1 })
        const client = await other.connect()
        await client.query('begin; lock table users in share mode')
        return async () => {
          client.release(true)
          await other.end()
        }
      },
    }
  },
}
let server: ReturnType<typeof startPostgres> | undefined

type NewPerson = Partial<Parameters<Queries['users']['insert']>[0]> & { username: string }
const person = (tx: Queries, values: NewPerson) => tx.users.insert({ createdAt: 1, updatedAt: 1, ...values })
const idsOf = (db: Database, people: NewPerson[]): Promise<number[]> => db.write(async (tx) => {
  const ids: number[] = []
  for (const values of people) ids.push((await person(tx, values)).id)
  return ids
})
/** Whoever asks sees everything. */
const asking = { reader: null, beyond: [], attributes: { ofAll: [], own: [], shown: 'all' as const } }
const found = async (db: Database, where: Condition[], order: Order[] = []): Promise<number[]> => (await db.find({ ...asking, where, order, limit: 100, offset: 0 })).ids
const by = (field: Order['by'], direction: Order['direction']): Order[] => [{ by: field, direction, shown: 'all' }]
const bioOf = async (db: Database, id: number) => (await db.read.users.find(id))?.bio

for (const [engine, open] of Object.entries(ENGINES)) {
  t.test(`${engine}: an order is that of folded texts, of code points, of numbers, with nothing first and the id last`, async (t) => {
    const { db } = await open(t)
    // Of these two the second one is greater by its code point, and smaller by the units that JavaScript compares.
    const [near, far] = ['\uE000', '\u{1F600}']
    const names = ['Zoe', 'ada', '', 'Ärger', 'aerger', far, near, 'Ada', 'zoe', '10', '9', '_', 'Øre']
    const ids = await idsOf(db, names.map((realName, i) => ({ username: `p${i}`, realName, email: i % 3 === 0 ? null : `${'zyx'[i % 3]}${i}@Example.com`, createdAt: (i * 7) % 5 })))
    const at = (order: number[]) => order.map((id) => names[ids.indexOf(id)])
    t.same(at(await found(db, [], by('realName', 'asc'))), ['', '10', '9', '_', 'ada', 'Ada', 'aerger', 'Ärger', 'Øre', 'Zoe', 'zoe', near, far])
    t.same(at(await found(db, [], by('realName', 'desc'))), [far, near, 'Zoe', 'zoe', 'Øre', 'Ärger', 'aerger', 'ada', 'Ada', '_', '9', '10', ''])
    const times = ids.map((id, i) => [id, (i * 7) % 5] as const)
    t.same(await found(db, [], by('createdAt', 'asc')), times.toSorted(([a, x], [b, y]) => x - y || a - b).map(([id]) => id))
    t.same(await found(db, [], by('createdAt', 'desc')), times.toSorted(([a, x], [b, y]) => y - x || a - b).map(([id]) => id))
    const [none, some] = [ids.filter((_, i) => i % 3 === 0), ids.filter((_, i) => i % 3 !== 0)]
    const address = (id: number) => `${'zyx'[ids.indexOf(id) % 3]}${ids.indexOf(id)}@`
    const up = some.toSorted((a, b) => address(a) < address(b) ? -1 : 1)
    t.same(await found(db, [], by('email', 'asc')), [...none, ...up])
    t.same(await found(db, [], by('email', 'desc')), [...up.toReversed(), ...none])

    const paged: number[] = []
    for (let after: (string | number | null)[] | undefined; ;) {
      const page = await db.findPage({ ...asking, where: [], order: by('email', 'desc'), limit: 2, after })
      paged.push(...page.map(({ id }) => id))
      after = page.at(-1)?.place
      if (after === undefined) break
    }
    t.same(paged, [...up.toReversed(), ...none], 'the same a part at a time')
  })

  t.test(`${engine}: texts are found folded, and no sign means anything but itself`, async (t) => {
    const { db } = await open(t)
    const said = ['Straße 5', 'STRASSE', 'hundred% sure', 'a_b', 'a\\b', 'it\'s "so"', 'ΣΊΣΥΦΟΣ', 'Łódź', 'e\u0301te', 'x']
    const ids = await idsOf(db, said.map((description, i) => ({ username: `q${i}`, description })))
    const saying = async (text: string) => (await found(db, [{ is: 'containing', text, in: [{ field: 'description', shown: 'all' }] }])).map((id) => ids.indexOf(id))
    for (const [text, whose] of [['strasse', [0, 1]], ['d%', [2]], ['%', [2]], ['a_', [3]], ['a\\b', [4]], ['\\', [4]], ['\'s "', [5]], ['"', [5]], ['σίσυφος', [6]], ['lodz', [7]], ['ÉTÉ', [8]], ['zz', []], ['', said.map((_, i) => i)]] as const) {
      t.same(await saying(text), whose, text)
    }
    const tag = { type: 'user' as const, description: null, color: '#000000', isActive: true, isVisible: true, visibilityBoost: false, createdAt: 1 }
    for (const name of ['É', '100%', 'a_b']) await db.write((tx) => tx.tags.insert({ ...tag, name }))
    for (const [search, name] of [['e', 'É'], ['%', '100%'], ['_', 'a_b']]) t.same((await db.read.tags.list({ search }, [], 9, 0)).tags.map((row) => row.name), [name])
    t.not(await db.read.tags.findByName('user', 'A_B'), undefined)
    t.equal(await db.read.tags.findByName('user', 'é'), undefined, 'names of groups and tags are one by A–Z alone')
  })

  t.test(`${engine}: nothing equals nothing, and no empty text`, async (t) => {
    const { db } = await open(t)
    const [none = 0, empty = 0, some = 0] = await idsOf(db, [{ username: 'a', phone: null, extId: null }, { username: 'b', phone: '', extId: '' }, { username: 'c', phone: '1', extId: 'x' }])
    const equal = (value: string | null): Condition => ({ is: 'equal', field: 'extId', value, shown: 'all', hiddenAs: null })
    t.same([await found(db, [equal(null)]), await found(db, [equal('')]), await found(db, [equal('x')])], [[none], [empty], [some]])
    t.same([await db.read.users.find(none), await db.read.users.find(empty)].map((row) => row?.extId), [null, ''])
    t.same(await found(db, [{ is: 'filled', field: 'extId', value: true, shown: 'all' }]), [some])
  })

  t.test(`${engine}: names are given once, and ids never again`, async (t) => {
    const { db } = await open(t)
    const [ada = 0, last = 0] = await idsOf(db, [{ username: 'ada', email: 'ada@example.com', extId: 'x' }, { username: 'bob' }])
    await db.write((tx) => tx.users.update(ada, { deletedAt: 5 }))
    for (const values of [{ username: 'ADA' }, { username: 'c', email: 'Ada@example.com' }, { username: 'd', extId: 'x' }]) await t.rejects(db.write((tx) => person(tx, values)), JSON.stringify(values))
    t.same([await db.read.users.holderOf({ username: 'Ada' }), await db.read.users.holderOf({ email: 'ADA@example.com' }), await db.read.users.holderOf({ extId: 'x' })], Array.from({ length: 3 }, () => ({ id: ada })))
    t.equal(await db.read.users.holderOf({ extId: 'X' }), undefined)
    await db.write((tx) => tx.users.remove(last))
    t.ok((await db.write((tx) => person(tx, { username: 'bob' }))).id > last)
  })

  t.test(`${engine}: works see each other as if there were one writer, and readers see what is committed`, async (t) => {
    const { db } = await open(t)
    const [id = 0] = await idsOf(db, [{ username: 'ada' }])
    const adding = (letter: string) => db.write(async (tx) => {
      const bio = `${(await tx.users.find(id))?.bio}${letter}`
      await tx.users.update(id, { bio })
      t.notSame(await bioOf(db, id), bio, 'nobody sees it yet')
      return bio
    })
    const ends = await Promise.all([...'abcdefgh'].map(adding))
    t.same([...(await bioOf(db, id)) ?? ''].sort(), [...'abcdefgh'])
    t.equal(new Set(ends.map((bio) => bio.length)).size, 8, 'each saw what those before it did')

    const takes = await Promise.all(Array.from({ length: 6 }, () => db.write(async (tx) => await tx.users.holderOf({ username: 'root' }) === undefined ? (await person(tx, { username: 'root' })).id : undefined)))
    t.equal(takes.filter((taken) => taken !== undefined).length, 1)
    const claims = await Promise.all(Array.from({ length: 6 }, (_, i) => db.write((tx) => tx.users.update(id, { bio: 'spent' }).then(() => i))))
    t.same(claims, [0, 1, 2, 3, 4, 5])
  })

  t.test(`${engine}: a work that fails takes back what it did, and nothing else`, async (t) => {
    const { db } = await open(t)
    const [id = 0] = await idsOf(db, [{ username: 'ada' }])
    const told: string[] = []
    db.listen((deeds) => { told.push(...deeds.map(({ fields }) => fields.join())) })
    const edit = (field: string, error?: Error) => async (tx: Queries) => {
      await tx.users.update(id, { [field]: 'new' })
      await tx.changes.insert({ userId: id, actorId: null, family: 'native', fields: [field], dropped: [], version: 1, at: 1 })
      if (error !== undefined) throw error
      return field
    }
    const no = new Error('no')
    const ends = await Promise.allSettled([db.write(edit('bio')), db.write(edit('website', no)), db.write((tx) => person(tx, { username: 'ADA' })), db.write(edit('location'))])
    t.match(ends, [{ value: 'bio' }, { reason: no }, { status: 'rejected' }, { value: 'location' }])
    t.equal((ends[1] as PromiseRejectedResult).reason, no, 'what a work throws comes out as it is')
    t.match(await db.read.users.find(id), { bio: 'new', website: '', location: 'new' })
    t.same(told, ['bio', 'location'])
    t.same((await db.read.changes.list(id)).map(({ fields }) => fields[0]), ['bio', 'location'])

    for (const [keep, kept] of [['none', ''], ['all', ''], ['each', 'new']] as const) {
      await db.write((tx) => tx.users.update(id, { bio: '' }))
      t.match(await db.writeAll([edit('bio'), edit('website', no)], keep), [{ value: 'bio' }, { reason: no }], keep)
      t.equal(await bioOf(db, id), kept, keep)
    }
    let late: Queries | undefined
    await db.write(async (tx) => { late = tx })
    await t.rejects(async () => await late?.users.update(id, { bio: 'late' }), /after the end of it/)
  })

  t.test(`${engine}: a work that is run again leaves what it does once`, async (t) => {
    const { db } = await open(t)
    runTwice(db)
    const [id = 0] = await idsOf(db, [{ username: 'ada' }])
    const told: number[] = []
    db.listen((deeds) => { told.push(deeds.length) })
    await db.write((tx) => tx.changes.insert({ userId: id, actorId: null, family: 'native', fields: ['bio'], dropped: [], version: 1, at: 1 }))
    t.equal((await db.read.changes.list(id)).length, 1)
    t.same(told, [1])
    t.same(await found(db, [{ is: 'containing', text: 'ada', in: [{ field: 'username', shown: 'all' }] }]), [id])
  })

  t.test(`${engine}: what goes wrong is told in the same words`, async (t) => {
    const { db, occupy } = await open(t)
    const [id = 0] = await idsOf(db, [{ username: 'ada' }])
    const release = await occupy()
    await t.rejects(db.write((tx) => tx.users.update(id, { bio: 'new' })), { code: 'DATABASE_BUSY' })
    t.equal(await bioOf(db, id), '', 'nothing was written, and reading goes on')
    await release()
    await db.write((tx) => tx.users.update(id, { bio: 'new' }))
    db.refuse()
    await t.rejects(found(db, []), { code: 'DATABASE_BUSY' })
  })
}
