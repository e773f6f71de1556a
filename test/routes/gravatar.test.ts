import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { build, signUp } from '../helper.ts'
import { confirm, dress, hashOf, isDrawn, isPicture, seen, show, textOf, write } from './faces.ts'

t.test('by the hash of an address', async (t) => {
  const [built, empty] = [await build(t), await build(t)]
  const { app } = built
  const ada = await signUp(built, 'ada')
  await dress(built, ada)
  const hash = hashOf('sha256', 'ada@example.com')
  const isFound = async (who: string) => isPicture(await app.inject(`/avatar/${who}?d=identicon`))
  const isNobody = async (who: string) => {
    const [here, there] = [await app.inject(`/avatar/${who}?d=identicon`), await empty.app.inject(`/avatar/${who}?d=identicon`)]
    return isDrawn(here) && JSON.stringify(seen(here)) === JSON.stringify(seen(there))
  }

  t.test('only of whoever asked for it, once the address is confirmed', async (t) => {
    t.ok(await isNobody(hash), 'nobody is asked in by default')
    await show(built, ada, { avatar_by_email: true })
    t.ok(await isNobody(hash), 'an address that may be another\'s')
    t.equal(await built.core.db.read.faces.find('sha256', hash), undefined, 'and it takes no longer than to look for nobody')
    await confirm(built, ada)
    t.ok(await isFound(hash))
    t.same(seen(await app.inject(`/avatar/${hash}`)), seen(await app.inject(`/avatar/${ada.id}`)))
    const { etag } = (await app.inject(`/avatar/${hash}`)).headers
    await show(built, ada, { avatar_by_email: false })
    t.ok(await isNobody(hash))
    for (const known of [String(etag), '*']) {
      const [here, there] = await Promise.all([app, empty.app].map((each) => each.inject({ url: `/avatar/${hash}`, headers: { 'if-none-match': known } })))
      t.same(here && seen(here), there && seen(there), 'whoever has the picture learns nothing by its tag')
    }
    await show(built, ada, { avatar_by_email: true })
    t.ok(await isFound(hash))
  })

  t.test('as the clients of Gravatar spell it', async (t) => {
    for (const who of [hash.toUpperCase(), `${hash}.jpg`, `${hash}.png`, `${hash}.JPEG`, `${hash}.webp`, `${hash}/`]) t.ok(await isFound(who), who)
    for (const query of ['s=80', 's=80&d=mp&r=g', 'size=80&default=retro&rating=x', 's=80&d=https%3A%2F%2Fexample.com%2Fx.png']) t.ok(isPicture(await app.inject(`/avatar/${hash}?${query}`)), query)
    t.ok(isDrawn(await app.inject(`/avatar/${hash}?f=y`)))
    const nobody = await app.inject(`/avatar/${hashOf('sha256', 'nobody@example.com')}`)
    t.ok(isDrawn(nobody))
    t.equal(textOf(nobody), undefined, 'a hash has no initials')
    t.ok(isDrawn(await app.inject(`/cover/${hash}`)), 'covers are not found so')
    for (const who of [hash.slice(1), `${hash}0`, `${hash}.svg`, ` ${hash}`]) t.ok(!await isFound(encodeURIComponent(who)), who)
  })

  t.test('by MD5 only where it is switched on', async (t) => {
    t.ok(await isFound(hash))
    t.ok(await isNobody(hashOf('md5', 'ada@example.com')))
  })
})

t.test('the hash follows the address', async (t) => {
  const built = await build(t, { gravatarMd5: true })
  const { app, core } = built
  const [ada, bob] = [await signUp(built, 'ada'), await signUp(built, 'bob')]
  const staff = await signUp(built, 'grace', { isStaff: true })
  await dress(built, ada)
  await dress(built, bob)
  for (const person of [ada, bob]) {
    await confirm(built, person)
    await show(built, person, { avatar_by_email: true })
  }
  const found = async (address: string) => {
    const all = await Promise.all((['sha256', 'md5'] as const).map(async (algorithm) => isPicture(await app.inject(`/avatar/${hashOf(algorithm, address)}`))))
    t.equal(all[0], all[1], 'both hashes or neither')
    return all[0]
  }

  const move = (email: string | null) => app.inject({ method: 'PATCH', url: `/api/users/${ada.id}/`, headers: staff.headers, payload: { email } })
  t.equal((await move('Ada.Byron@Example.com')).statusCode, 200)
  t.notOk(await found('ada@example.com'), 'the old one at once')
  t.notOk(await found('ada.byron@example.com'), 'the new one when it is confirmed')
  await confirm(built, ada)
  t.ok(await found('ada.byron@example.com'), 'in small letters, as everybody hashes it')
  t.notOk(await found('Ada.Byron@Example.com'))
  t.ok(await found('bob@example.com'))

  await t.test('whoever has an address from now on is not shown as who had it', async (t) => {
    // As if the week were over in which Ada can take the change back.
    await core.db.write((tx) => tx.codes.removeOf(ada.id))
    await app.inject({ method: 'PATCH', url: `/api/users/${bob.id}/`, headers: staff.headers, payload: { email: 'ada@example.com' } })
    t.notOk(await found('bob@example.com'))
    t.notOk(await found('ada@example.com'))
    await confirm(built, bob)
    t.ok(await found('ada@example.com'))
    t.equal((await app.inject(`/avatar/${hashOf('sha256', 'ada@example.com')}`)).headers.etag, (await app.inject('/avatar/bob')).headers.etag)
  })

  await t.test('and the picture', async (t) => {
    await write(built, bob, { avatar: null })
    t.notOk(await found('ada@example.com'))
    await dress(built, bob, { r: 1, g: 2, b: 3 })
    t.ok(await found('ada@example.com'))
    t.equal((await app.inject(`/avatar/${hashOf('sha256', 'ada@example.com')}`)).headers.etag, (await app.inject('/avatar/bob')).headers.etag)
  })
  t.equal((await core.users.get(bob.id)).isFoundByEmail, true, 'the wish itself has stayed')
})

t.test('nobody takes the place of another', async (t) => {
  const built = await build(t)
  const { app } = built
  const ada = await signUp(built, 'ada')
  const hash = hashOf('sha256', 'victim@example.com')
  const md5 = hashOf('md5', 'victim@example.com')
  for (const username of [hash, md5, String(ada.id)]) {
    const thief = await signUp(built, `thief-${username.slice(0, 4)}`)
    await built.core.users.edit(OPERATOR, thief.id, { username }, { family: 'operator' })
    await dress(built, thief)
  }
  for (const who of [hash, md5, hash.toUpperCase()]) t.ok(isDrawn(await app.inject(`/avatar/${who}`)), 'what looks like a hash is no username, whether it is of use or not')
  t.equal(textOf(await app.inject(`/avatar/${ada.id}`)), 'A', 'and a number is an id')
  const zero = await signUp(built, 'bond')
  await built.core.users.edit(OPERATOR, zero.id, { username: '007' }, { family: 'operator' })
  await dress(built, zero)
  t.ok(isPicture(await app.inject('/avatar/007')), 'except where no id is spelled so')
})
