import t from 'tap'
import { createPasswords } from '../../src/core/sign-in/passwords.ts'

/** A cheap one-way function that counts how many calls run at once. */
function counting () {
  const seen = { now: 0, most: 0, calls: 0 }
  async function work<T> (value: T): Promise<T> {
    seen.calls++
    seen.most = Math.max(seen.most, ++seen.now)
    await new Promise((resolve) => setImmediate(resolve))
    seen.now--
    return value
  }
  const isKnown = (hash: string) => hash.startsWith('hash of ')
  return { seen, hasher: { hash: (password: string) => work(`hash of ${password}`), verify: (hash: string, password: string) => work(hash === `hash of ${password}`), isKnown, isCurrent: isKnown } }
}

t.test('a password matches its own hash and no other', async (t) => {
  const passwords = createPasswords(counting().hasher)
  const hash = await passwords.hash('one two three', 1)
  t.same(await passwords.compare(hash, 'one two three', 1), { upgraded: undefined })
  t.equal(await passwords.compare(hash, 'one two four', 1), undefined)
})

t.test('nobody has no password, and costs as much as somebody', async (t) => {
  const { seen, hasher } = counting()
  const passwords = createPasswords(hasher)
  await passwords.compare(undefined, 'the first one makes what is compared with', 1)
  const before = seen.calls
  t.equal(await passwords.compare(undefined, 'a password that nobody has', 1), undefined)
  t.equal(await passwords.compare(null, 'a password that nobody has', 1), undefined)
  t.equal(seen.calls - before, 2)
})

const [NFC, NFD] = ['Zoë Brontë'.normalize('NFC'), 'Zoë Brontë'.normalize('NFD')]

t.test('B2 a password is the same composed or not, whichever was set and whichever is typed', async (t) => {
  const { hasher } = counting()
  const passwords = createPasswords(hasher)
  for (const set of [NFC, NFD]) {
    const hash = await passwords.hash(set, 1)
    t.equal(hash, `hash of ${NFC}`)
    for (const typed of [NFC, NFD]) t.same(await passwords.compare(hash, typed, 1), { upgraded: undefined })
    t.equal(await passwords.compare(hash, 'Zoe Bronte', 1), undefined)
  }
})

t.test('B2 a hash of what was typed, not composed, counts for who types it so, and is made anew', async (t) => {
  const passwords = createPasswords(counting().hasher)
  t.same(await passwords.compare(`hash of ${NFD}`, NFD, 1), { upgraded: `hash of ${NFC}` })
  t.equal(await passwords.compare(`hash of ${NFD}`, NFC, 1), undefined, 'whoever typed it knows how')
  // The Ångström sign has two forms that are not composed.
  t.same(await passwords.compare('hash of \u212Bngstrom', '\u212Bngstrom', 1), { upgraded: 'hash of \u00C5ngstrom' })
  const old = createPasswords({ ...counting().hasher, isCurrent: () => false })
  t.same(await old.compare(`hash of ${NFC}`, NFD, 1), { upgraded: `hash of ${NFC}` })
})

t.test('B2 an unknown name costs as many hashes as a wrong password, composed or not', async (t) => {
  const { seen, hasher } = counting()
  const passwords = createPasswords(hasher)
  await passwords.compare(null, 'plain', 1)
  for (const [typed, cost] of [['plain', 1], [NFC, 1], [NFD, 2]] as const) {
    for (const stored of [undefined, null, 'hash of something else']) {
      const before = seen.calls
      t.equal(await passwords.compare(stored, typed, 1), undefined)
      t.equal(seen.calls - before, cost, `${String(stored)} and ${JSON.stringify(typed)}`)
    }
  }
})

t.test('no more than two are computed at once, and a failing one gives its turn back', async (t) => {
  const { seen, hasher } = counting()
  const passwords = createPasswords({ ...hasher, hash: async (password) => password === 'broken' ? Promise.reject(new Error('no memory')) : hasher.hash(password) })
  const outcomes = await Promise.allSettled(['a', 'broken', 'b', 'broken', 'c', 'd', 'e'].map((password) => passwords.hash(password, 1)))
  t.equal(seen.most, 2)
  t.same(outcomes.map(({ status }) => status === 'fulfilled'), [true, false, true, false, true, true, true])
})

t.test('a new password is long enough, not too long, not common and not its owner\'s name', async (t) => {
  const { judge } = createPasswords(counting().hasher)
  const ada = { username: 'lovelace', email: 'ada.l@example.com' }
  const codes = (password: string, owner: Parameters<typeof judge>[1] = ada) => judge(password, owner).map(({ field, code, params }) => [field, code, params?.limit])
  t.same(codes('1234567'), [['password', 'min_length', 8]])
  t.same(codes('öööööööö'), [], 'counted in code points')
  t.same(codes('😀😀😀😀'), [['password', 'min_length', 8]])
  t.same(codes('e\u0301'.repeat(4)), [['password', 'min_length', 8]], 'and composed')
  t.same(codes('e\u0301'.repeat(128)), [])
  t.same(codes('x'.repeat(128)), [])
  t.same(codes('x'.repeat(129)), [['password', 'max_length', 128]])
  t.same(codes('Password123'), [['password', 'password_common', undefined]])
  t.same(codes('Lovelace1'), [['password', 'password_similar', undefined]])
  t.same(codes('ada.l@example.com'), [['password', 'password_similar', undefined]])
  t.same(codes('ada.l-1815'), [['password', 'password_similar', undefined]])
  t.same(codes('lovelace wrote the first one'), [], 'a name within a longer password is fine')
  t.same(codes('correct horse', { username: undefined, email: null }), [])
})
