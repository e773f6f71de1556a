// Everything that is measured, with what it has to reach. A row more is an entry here.
import { least, most } from '../row.ts'
import type { Row, Work } from '../row.ts'
import { latencies, rates } from './rates.ts'

const row = (name: string, unit: Row['unit'], bars: Row['bars']): Row => ({ name, unit, bars })

export const PATCH = 'PATCH, JSON, 64 connections'
export const GET = 'GET of an account, 64 connections'

export const WORKS: Work[] = [
  { when: 'quick', measure: rates(['patch']), rows: [row(PATCH, '/s', { 'limit': least(0.65), 'PocketBase': least(6), 'Django REST Framework': least(11) })] },
  { when: 'quick', measure: rates(['get']), rows: [row(GET, '/s', { 'limit': least(0.45), 'PocketBase': least(5), 'Django REST Framework': least(18) })] },
  { when: 'quick', measure: rates(['patch'], 'Visage, every default on'), rows: [row('PATCH, every default on', '/s', { limit: least(0.55) })] },
  { when: 'quick', measure: rates(['get'], 'Visage, every default on'), rows: [row('GET, every default on', '/s', { limit: least(0.32) })] },
  { when: 'usual', measure: latencies(['patch']), rows: [row('PATCH, JSON, one connection, median', 'ms', { limit: most(1.6) })] },
  { when: 'usual', measure: latencies(['get']), rows: [row('GET of an account, one connection, median', 'ms', { limit: {} })] },
]
