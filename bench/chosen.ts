import type { Work } from './row.ts'
import { WORKS } from './rows/index.ts'

const WHEN = ['quick', 'usual', 'all']

/** The rows of a run, and those that they are compared with, in the order of the table. */
export function chosen ({ quick, all, only }: { quick: boolean, all: boolean, only?: string[] | undefined }): Work[] {
  const most = WHEN.indexOf(quick ? 'quick' : all || only ? 'all' : 'usual')
  const isWanted = (name: string): boolean => only?.some((text) => name.toLowerCase().includes(text.toLowerCase())) ?? true
  const wanted = WORKS.filter(({ when, rows }) => WHEN.indexOf(when) <= most && rows.some(({ name }) => isWanted(name)))
  const needed = new Set(wanted.flatMap(({ rows, needs = '' }) => [needs, ...rows.flatMap(({ bars }) => Object.keys(bars))]))
  return WORKS.filter((work) => wanted.includes(work) || work.rows.some(({ name }) => needed.has(name)))
}
