import t from 'tap'
import { isWithin, regionOf, squareAround } from '../../src/images/cut.ts'

t.test('a crop lies within the picture or it does not', async (t) => {
  const source = { width: 400, height: 300 }
  for (const crop of [[0, 0, 400, 300], [399, 299, 1, 1], [10, 20, 30, 40]] as const) t.equal(isWithin(crop, source), true, crop.join())
  for (const crop of [[0, 0, 401, 300], [1, 0, 400, 300], [0, 0, 0, 10], [-1, 0, 5, 5], [0, 300, 1, 1]] as const) t.equal(isWithin(crop, source), false, crop.join())
})

t.test('a crop is measured in the original, whatever is left of its size', async (t) => {
  t.same(regionOf({ width: 1000, height: 500 }, { crop: [2000, 0, 2000, 1000] }, { width: 4000, height: 2000 }), { left: 500, top: 0, width: 500, height: 250 })
  t.same(regionOf({ width: 100, height: 50 }, {}, { width: 4000, height: 2000 }), { left: 0, top: 0, width: 100, height: 50 })
  t.same(regionOf({ width: 10, height: 10 }, { crop: [3999, 3999, 1, 1] }, { width: 4000, height: 4000 }), { left: 9, top: 9, width: 1, height: 1 })
})

t.test('a square has the subject as near to its middle as the edges allow', async (t) => {
  const whole = { left: 0, top: 0, width: 400, height: 200 }
  t.same(squareAround(whole, [0, 0], whole), { left: 100, top: 0, width: 200, height: 200 })
  t.same(squareAround(whole, [1, 0], whole), { left: 200, top: 0, width: 200, height: 200 })
  t.same(squareAround(whole, [-0.25, 0], whole), { left: 50, top: 0, width: 200, height: 200 })
  const tall = { left: 0, top: 0, width: 200, height: 400 }
  t.same(squareAround(tall, [0, 1], tall), { left: 0, top: 0, width: 200, height: 200 }, 'one is up')
  t.same(squareAround(tall, [0, -1], tall), { left: 0, top: 200, width: 200, height: 200 })
  t.same(squareAround({ left: 100, top: 100, width: 100, height: 300 }, [0, -1], { width: 400, height: 400 }), { left: 100, top: 300, width: 100, height: 100 }, 'within the crop')
})
