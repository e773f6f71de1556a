// Everything that is measured, with what it has to reach. A row more is an entry here, and a function beside this file where no
// other one measures it.
import { least, most } from '../row.ts'
import type { Row, Work } from '../row.ts'
import { bounded, FEW, growth, MANY, MOST } from './growth.ts'
import { pictures } from './pictures.ts'
import { latencies, MIXED, rates } from './rates.ts'
import { signIn } from './sign-in.ts'
import { starts } from './starts.ts'
import { first, tail } from './tail.ts'
import { memory, readsBeside, uploads } from './uploads.ts'

const row = (name: string, unit: Row['unit'], bars: Row['bars']): Row => ({ name, unit, bars })
const inEachRound = (ratio: number) => ({ ...most(ratio), isAlways: true as const })

export const PATCH = 'PATCH, JSON, 64 connections'
export const GET = 'GET of an account, 64 connections'
const DRF = 'Django REST Framework'

export const WORKS: Work[] = [
  { when: 'quick', measure: rates(['patch']), rows: [row(PATCH, '/s', { limit: least(0.65), PocketBase: least(6), [DRF]: least(11) })] },
  { when: 'quick', measure: rates(['get']), rows: [row(GET, '/s', { limit: least(0.45), PocketBase: least(5), [DRF]: least(18) })] },
  { when: 'quick', measure: rates(['patch'], 'Visage, every default on'), rows: [row('PATCH, every default on', '/s', { limit: least(0.55) })] },
  { when: 'quick', measure: rates(['get'], 'Visage, every default on'), rows: [row('GET, every default on', '/s', { limit: least(0.32) })] },

  { when: 'usual', measure: latencies(['patch']), rows: [row('PATCH, JSON, one connection, median', 'ms', { limit: most(1.6) })] },
  { when: 'usual', measure: latencies(['get']), rows: [row('GET of an account, one connection, median', 'ms', { limit: most(1.6) })] },
  { when: 'usual', measure: rates(['form']), rows: [row('PATCH, urlencoded', '/s', { [PATCH]: least(0.9) })] },
  { when: 'usual', measure: rates(['nativePatch']), rows: [row('PATCH /v1/me', '/s', { [PATCH]: least(0.95) })] },
  { when: 'usual', measure: rates(['nativeGet']), rows: [row('GET /v1/me', '/s', { [GET]: least(0.95) })] },
  { when: 'usual', measure: rates(MIXED), rows: [row('mixed, 90 % read', '/s', { limit: least(0.4), PocketBase: {}, [DRF]: {} })] },
  { when: 'usual', measure: rates(['list']), rows: [row('list page of twenty', '/s', { PocketBase: {}, [DRF]: {} })] },
  { when: 'usual', measure: rates(['search']), rows: [row('search that finds ten', '/s', { PocketBase: {}, [DRF]: {} })] },
  { when: 'usual', measure: signIn, rows: [row('sign-in', '/s', { 'argon2id alone': least(0.9) }), row('GET p99 while others sign in', 'ms', { quiet: most(5) })] },
  {
    when: 'usual',
    measure: uploads,
    rows: [
      ...[1, 5].map((megabytes) => row(`upload of a JPEG of ${megabytes} MB`, '/s', { 'sharp alone': least(0.85) })),
      ...[1, 5].map((megabytes) => row(`until an uploaded JPEG of ${megabytes} MB is seen`, 'ms', { 'sharp alone': {} })),
    ],
  },
  { when: 'usual', measure: readsBeside, rounds: 5, rows: [row('GET p99 while four upload', 'ms', { quiet: inEachRound(5) })] },
  {
    when: 'usual',
    measure: pictures,
    rows: [
      ...[2, 16, 64].map((kib) => row(`GET of a picture of ${kib} KiB`, '/s', { nginx: least(0.5) })),
      ...[2, 16, 64].map((kib) => row(`processor for a picture of ${kib} KiB`, 'µs', { nginx: {} })),
    ],
  },
  { when: 'usual', measure: first('patch'), rows: [row('PATCH, how much longer the first takes than the tenth', 'ms', { itself: most(50) })] },
  { when: 'usual', measure: first('get'), rows: [row('GET, how much longer the first takes than the tenth', 'ms', { itself: most(50) })] },
  {
    when: 'usual',
    measure: starts,
    rounds: 5,
    rows: [
      row('start to the first 200, from a clone', 'ms', { 'empty Fastify': most(5) }),
      row('memory, idle, from a clone', 'MB', { 'empty Fastify': most(2.1) }),
      row('start to the first 200, built', 'ms', { 'empty Fastify': most(3) }),
      row('memory, idle, built', 'MB', { 'empty Fastify': most(1.7) }),
    ],
  },
  { when: 'usual', measure: memory, rows: [row('memory of all processes while eight upload', 'MB', { itself: most(400) })] },

  { when: 'all', needs: PATCH, measure: tail('patch', PATCH), rows: [row('PATCH p99 at half of the most', 'ms', { limit: most(1.5) }), row('PATCH longest at half of the most', 'ms', { limit: most(3) })] },
  { when: 'all', needs: GET, measure: tail('get', GET), rows: [row('GET p99 at half of the most', 'ms', { itself: most(10), limit: {} }), row('GET longest at half of the most', 'ms', { itself: most(60), limit: {} })] },
  ...[MANY, MOST].map((accounts): Work => ({
    when: 'all',
    measure: growth(accounts),
    rows: Object.entries({ 'PATCH': least(0.75), 'GET': least(0.6), 'list page': least(0.7), 'search that finds ten': least(0.7), 'start': most(2) })
      .map(([name, bar]) => row(`${name}, ${accounts / 1_000} thousand accounts`, name === 'start' ? 'ms' : '/s', { [`${FEW / 1_000} thousand`]: accounts === MOST ? bar : {} })),
  })),
  {
    when: 'all',
    measure: bounded,
    rounds: 1,
    rows: [
      row('p99 of 2,000 mixed requests a second, a million accounts, 512 MB', 'ms', { limit: most(3) }),
      row('errors of them', '', { itself: most(0) }),
    ],
  },
]
