import t from 'tap'
import { createWindows } from '../../src/core/limits/windows.ts'

t.test('a window begins with the first use, holds so many, and ends after its length', async (t) => {
  let now = 5_000
  const windows = createWindows({ limit: 3, seconds: 60 }, () => now)
  t.same(windows.quota('ada'), { limit: 3, remaining: 3, reset: 0 })

  windows.take('ada')
  t.same(windows.quota('ada'), { limit: 3, remaining: 2, reset: 60 })
  now += 30_001
  windows.take('ada')
  windows.take('ada')
  t.same(windows.quota('ada'), { limit: 3, remaining: 0, reset: 30 }, 'a part of a second counts as a whole one')
  t.same(windows.quota('grace'), { limit: 3, remaining: 3, reset: 0 }, 'nobody else has less')

  now = 64_999
  t.same(windows.quota('ada'), { limit: 3, remaining: 0, reset: 1 })
  now = 65_000
  t.same(windows.quota('ada'), { limit: 3, remaining: 3, reset: 0 }, 'all of them are back at once')
})

t.test('a use that is counted down after its window is over gives nothing to the next', async (t) => {
  let now = 0
  const windows = createWindows({ limit: 2, seconds: 1 }, () => now)
  const late = windows.take(1)
  now = 1_000
  windows.take(1)
  late.used--
  t.equal(windows.quota(1).remaining, 1)
})

t.test('a key outlives its window by nothing, however long ago others began', async (t) => {
  let now = 0
  const windows = createWindows({ limit: 1, seconds: 10 }, () => now)
  for (let i = 0; i < 100; i++) {
    now = i * 3_000
    windows.take(i)
    t.equal(windows.quota(i).remaining, 0)
    t.equal(windows.quota(i - 3).remaining, i < 3 ? 1 : 0, 'nine seconds later it still counts')
    t.equal(windows.quota(i - 4).remaining, 1)
  }
})

t.test('a million keys at once: so many are kept, the newest among them', async (t) => {
  const windows = createWindows({ limit: 1, seconds: 3_600 }, () => 0)
  let most = 0
  for (let i = 0; i < 1_000_000; i++) {
    windows.take(`guess ${Math.imul(i, 2_654_435_761) >>> 0}`)
    if (i % 1_000 === 0) most = Math.max(most, windows.size())
  }
  t.ok(most <= 100_000, `${most} keys were kept`)
  let kept = 0
  for (let i = 950_000; i < 1_000_000; i++) if (windows.quota(`guess ${Math.imul(i, 2_654_435_761) >>> 0}`).remaining === 0) kept++
  t.equal(kept, 50_000)
})

t.test('nobody is told to wait for longer than the window is, at whatever moment it begins', (t) => {
  let now = 0
  const windows = createWindows({ limit: 1, seconds: 60 }, () => now)
  // At some of these the end is more than a minute away by a rounding.
  const resets = Array.from({ length: 1_000 }, (_, i) => {
    now = 32_772.053595630736 * (1 + i)
    windows.take(i)
    return windows.quota(i).reset
  })
  t.same(new Set(resets), new Set([60]))
  t.end()
})
