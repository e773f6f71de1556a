import t from 'tap'
import { createCache } from '../../plugins/media/cache.ts'

const KIB = 1_024
const file = (kib: number) => ({ headers: {}, bytes: Buffer.alloc(kib * KIB) })

t.test('what was asked for last stays, within so many bytes', async (t) => {
  // Each file costs a KiB beside its bytes.
  const cache = createCache(10 * KIB)
  const held = () => ['a', 'b', 'c', 'd'].filter((name) => cache.get(name) !== undefined).join('')
  cache.set('a', file(4))
  cache.set('b', file(4))
  t.equal(held(), 'ab')
  cache.get('a')
  cache.set('c', file(4))
  t.equal(held(), 'ac')
  cache.set('d', file(0))
  t.equal(held(), 'cd')

  t.test('what is set twice counts once', async (t) => {
    for (let i = 0; i < 5; i++) cache.set('d', file(0))
    cache.set('b', file(2))
    t.equal(held(), 'bcd')
  })
  t.test('what is too large by itself is not held', async (t) => {
    cache.set('a', file(10))
    t.equal(cache.get('a'), undefined)
    cache.set('b', file(9))
    t.equal(held(), 'b')
  })
})
