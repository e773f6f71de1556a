import t from 'tap'
import { hasher } from '../../src/hashing/index.ts'
import { OPERATOR } from '../../src/core/access.ts'
import { build } from '../helper.ts'

const PASSWORD = 'correct horse battery'
const BCRYPT = '$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.'

/** Made by Python's hashlib and by libxcrypt, not by this service's libraries. */
const IMPORTED: Record<string, string> = {
  'Django, PBKDF2 with SHA-256': 'pbkdf2_sha256$600000$NaClSalt$ekrVXWF/Mo6dSJ2QWbF6caus+NVKVgKDcbYsviOhR5Y=',
  'Django, PBKDF2 with SHA-1': 'pbkdf2_sha1$1000$NaCl$yj1gZDAkB4TS6EMtRsULJ5nzjyY=',
  'Django, scrypt': 'scrypt$NaClSalt$16384$8$1$Kk4K68BsQ6Fc5k70D7sJboZ7m2+ACArw8SWvVFzILivdo277EDuOd8wqIzF1UwMvRHMonfPRPOvB2Srqr26MeA==',
  'modular scrypt': '$scrypt$ln=14,r=8,p=1$TmFDbFNhbHROYUNsU2FsdA$kyLmAAYGhPejVjqg+wD5I3Qh0LdOxF1N3Y/e3MEf4WM',
  bcrypt: BCRYPT,
  'bcrypt as PHP writes it': BCRYPT.replace('$2b$', '$2y$'),
  'Django, bcrypt': `bcrypt$${BCRYPT}`,
  'Django, bcrypt of SHA-256': 'bcrypt_sha256$$2b$05$abcdefghijklmnopqrstuuGcuILa2E37uJs3NexF6McyNsliG6nJW',
}

for (const [name, hash] of Object.entries(IMPORTED)) {
  t.test(name, async (t) => {
    t.equal(hasher.isKnown(hash), true)
    t.equal(hasher.isCurrent(hash), false)
    t.equal(await hasher.verify(hash, PASSWORD), true)
    t.equal(await hasher.verify(hash, `${PASSWORD}.`), false)
    t.equal(await hasher.verify(hash, ''), false)
  })
}

t.test('our own, and argon2 as others write it', async (t) => {
  const own = await hasher.hash(PASSWORD)
  t.equal(hasher.isCurrent(own), true)
  for (const hash of [own, `argon2${own}`]) {
    t.equal(hasher.isKnown(hash), true)
    t.equal(await hasher.verify(hash, PASSWORD), true)
    t.equal(await hasher.verify(hash, 'another'), false)
  }
  t.equal(hasher.isCurrent(`argon2${own}`), false)
})

t.test('what is no hash, or would cost too much, is not known and matches nothing', async (t) => {
  const none = [
    '', 'plain', '!', 'md5$salt$5f4dcc3b5aa765d61d8327deb882cf99', '$1$salt$hash', '{SSHA}abc', '$2b$05$short', '$2x$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.',
    '$2b$17$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.', '$2b$03$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.',
    'pbkdf2_sha256$0$NaCl$ekrVXWF/Mo6dSJ2QWbF6caus+NVKVgKDcbYsviOhR5Y=', 'pbkdf2_sha256$10000001$NaCl$ekrVXWF/Mo6dSJ2QWbF6caus+NVKVgKDcbYsviOhR5Y=',
    'pbkdf2_sha256$1000$NaCl$ekrV', 'pbkdf2_sha256$1000$$ekrVXWF/Mo6dSJ2QWbF6caus+NVKVgKDcbYsviOhR5Y=', 'pbkdf2_md5$1000$NaCl$ekrVXWF/Mo6dSJ2QWbF6caus+NVKVgKDcbYsviOhR5Y=',
    `scrypt$NaCl$16383$8$1$${'A'.repeat(86)}==`, `scrypt$NaCl$1048576$8$1$${'A'.repeat(86)}==`, `scrypt$NaCl$16384$8$17$${'A'.repeat(86)}==`, `scrypt$NaCl$16384$0$1$${'A'.repeat(86)}==`,
    '$scrypt$ln=30,r=8,p=1$TmFDbFNhbHROYUNsU2FsdA$kyLmAAYGhPejVjqg+wD5I3Qh0LdOxF1N3Y/e3MEf4WM',
    '$argon2id$v=19$m=999999999,t=2,p=1$c29tZXNhbHRzb21l$kyLmAAYGhPejVjqg+wD5I3Qh0LdOxF1N3Y/e3MEf4WM', '$argon2id$v=19$m=19456,t=99,p=1$c29tZXNhbHRzb21l$kyLmAAYGhPejVjqg+wD5I3Qh0LdOxF1N3Y/e3MEf4WM', '$argon2id$v=19$m=19456',
  ]
  for (const hash of none) {
    t.equal(hasher.isKnown(hash), false, hash)
    t.equal(await hasher.verify(hash, PASSWORD), false)
  }
})

t.test('A8 the numbers in a hash: one that no library takes is not known, and does not end a sign-in', async (t) => {
  const argon2 = (costs: string) => `$argon2id$v=19$${costs}$c29tZXNhbHRzb21l$kyLmAAYGhPejVjqg+wD5I3Qh0LdOxF1N3Y/e3MEf4WM`
  const scrypt = (N: number, r: number, p: number) => `scrypt$NaCl$${N}$${r}$${p}$${'A'.repeat(86)}==`
  const modular = (ln: string, r: number) => `$scrypt$ln=${ln},r=${r},p=1$TmFDbFNhbHROYUNsU2FsdA$kyLmAAYGhPejVjqg+wD5I3Qh0LdOxF1N3Y/e3MEf4WM`
  const none = [
    'm=0,t=1,p=1', 'm=7,t=1,p=1', 'm=8,t=0,p=1', 'm=8,t=1,p=0', 'm=127,t=1,p=16', 'm=00000000,t=2,p=1', 'm=8,t=1,p=17', 'm=99999999,t=1,p=1', 'm=8,t=99999999,p=1', 'm=8,t=1,t=2',
  ].map(argon2)
  none.push(scrypt(0, 8, 1), scrypt(1, 8, 1), scrypt(65_536, 1, 1), scrypt(99_999_999, 1, 1), scrypt(2, 0, 1), scrypt(2, 1, 0), modular('0', 8), modular('00', 8), modular('16', 1), modular('99', 999))
  for (const hash of none) {
    t.equal(hasher.isKnown(hash), false, hash)
    t.equal(await hasher.verify(hash, PASSWORD), false)
  }
  for (const hash of [argon2('m=8,t=1,p=1'), argon2('m=128,t=1,p=16'), scrypt(2, 1, 1), scrypt(32_768, 1, 1), modular('1', 1), modular('15', 1)]) {
    t.equal(hasher.isKnown(hash), true, hash)
    t.equal(await hasher.verify(hash, PASSWORD), false)
  }

  const { app, core } = await build(t)
  await t.rejects(core.users.create(OPERATOR, { username: 'eve', passwordHash: argon2('m=0,t=1,p=1') }, { family: 'operator' }), { name: 'AppError', message: 'invalid' })
  const { id } = await core.users.create(OPERATOR, { username: 'ada', passwordHash: argon2('m=8,t=1,p=1') }, { family: 'operator' })
  // As an import of before has left it.
  await core.db.write((tx) => tx.users.update(id, { passwordHash: argon2('m=0,t=1,p=1') }))
  t.equal((await app.inject({ method: 'POST', url: '/api/token/', payload: { username: 'ada', password: PASSWORD } })).statusCode, 401)
})

t.test('an imported hash is upgraded when its owner signs in, and not by a wrong password', async (t) => {
  const { app, core } = await build(t)
  const stored = async (id: number) => (await core.db.read.users.find(id))?.passwordHash ?? ''
  const signIn = async (username: string, password: string) => (await app.inject({ method: 'POST', url: '/api/token/', payload: { username, password } })).statusCode
  for (const [i, hash] of Object.values(IMPORTED).entries()) {
    const { id, version } = await core.users.create(OPERATOR, { username: `person-${i}`, passwordHash: hash }, { family: 'operator' })
    t.equal(await signIn(`person-${i}`, 'a wrong password'), 401)
    t.equal(await stored(id), hash)
    t.equal(await signIn(`person-${i}`, PASSWORD), 200, hash)
    t.match(await stored(id), /^\$argon2id\$v=19\$/)
    t.equal((await core.users.get(id)).version, version, 'it is no edit')
    t.equal(await signIn(`person-${i}`, PASSWORD), 200, 'and still the same password')
  }
  await t.rejects(core.users.create(OPERATOR, { username: 'eve', passwordHash: 'plain' }, { family: 'operator' }), { name: 'AppError', message: 'invalid' })
})
