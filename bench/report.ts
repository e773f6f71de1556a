import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median } from './row.ts'
import type { Bar, Figures, Row } from './row.ts'

/** A bar of a row, and what was found: nothing where it could not be measured. */
export interface Line { row: Row, beside: string, bar: Bar, own: number | undefined, other?: number, ratio?: number, from?: number, to?: number, verdict: 'met' | 'missed' | 'not measured' | '' }
export interface Report { machine: string, lines: readonly Line[], notes: readonly string[], doubts: readonly string[] }

/** The medians of both, and the ratio of each round, which is what counts: one round is like the next, one machine is not. */
export function linesOf (row: Row, seen: ReadonlyMap<string, readonly Figures[]>): Line[] {
  const rounds = seen.get(row.name) ?? []
  const owns = rounds.flatMap(({ Visage }) => Visage ?? [])
  return Object.entries(row.bars).map(([beside, bar]) => {
    const others = beside === 'itself' ? owns.map(() => 1) : seen.get(beside)?.map(({ Visage }) => Visage) ?? rounds.map((figures) => figures[beside])
    const ratios = rounds.flatMap(({ Visage: own }, i) => own === undefined || others[i] === undefined ? [] : own / others[i])
    const hasBar = bar.least !== undefined || bar.most !== undefined
    const line = { row, beside, bar, own: owns.length > 0 ? median(owns) : undefined }
    if (ratios.length === 0) return { ...line, verdict: hasBar ? 'not measured' : '' }
    const [ratio, from, to] = [median(ratios), Math.min(...ratios), Math.max(...ratios)]
    const isMet = (bar.isAlways ? from : ratio) >= (bar.least ?? -Infinity) && (bar.isAlways ? to : ratio) <= (bar.most ?? Infinity)
    return { ...line, other: median(others.flatMap((other) => other ?? [])), ratio, from, to, verdict: hasBar ? isMet ? 'met' : 'missed' : '' }
  })
}

const said = (value: number, unit = ''): string => `${Math.abs(value) < 10 ? value.toFixed(2) : Math.round(value)} ${unit}`.trim()
const barOf = ({ least, most, isAlways }: Bar): string => `${least === undefined ? most === undefined ? '' : `≤ ${most}` : `≥ ${least}`}${isAlways ? ' in each round' : ''}`

function lineOf ({ row: { name, unit }, beside, bar, own, other, ratio = NaN, from = NaN, to = NaN, verdict }: Line): string {
  const isItself = beside === 'itself'
  const cells = [
    name,
    own === undefined ? '' : said(own, unit) + (isItself ? ` (${said(from)}–${said(to)})` : ''),
    isItself ? '' : `${other === undefined ? '' : said(other, unit)} (${beside})`,
    isItself || other === undefined ? '' : `${ratio.toFixed(2)} (${from.toFixed(2)}–${to.toFixed(2)})`,
    barOf(bar) + (isItself ? ` ${unit}` : ''),
    verdict,
  ]
  return `| ${cells.join(' | ')} |`
}

/** Prints the table and writes it, with a chart, into this folder, if there is one: a part of the rows would take the place of all. */
export function write (folder: string | undefined, { machine, lines, notes, doubts }: Report): void {
  const table = ['| work | Visage | beside | ratio (spread) | bar | |', '|---|---|---|---|---|---|', ...lines.map(lineOf)].join('\n')
  console.log(`${machine}\n\n${table}\n\n${[...notes, ...doubts].join('\n')}`)
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'BENCH.md'), `# Measured

Written by \`npm run bench\`. ${machine}.

${table}

*Limit*: bare node:http over the same statements and the same durable commit, without schemas, credentials or a log.
${[...notes.map((note) => `\n${note}`), ...doubts.map((doubt) => `\n**${doubt}**`)].join('\n')}

![Ratios of this run](bench.svg)
`)
  writeFileSync(join(folder, 'bench.svg'), chartOf(lines))
}

const [WIDTH, LINE, LEFT] = [760, 30, 430]

/** A bar for each ratio, as a part of what it has to be: the stroke is the bar to meet, and what is past it or short of it is plain. */
function chartOf (all: readonly Line[]): string {
  const lines = all.flatMap(({ row, beside, bar, ratio, verdict }) => {
    const goal = bar.least ?? bar.most
    return ratio === undefined || !goal ? [] : [{ text: `${row.name}${beside === 'itself' ? '' : ` to ${beside}`}`, part: ratio / goal, ratio, isMet: verdict === 'met', sign: bar.least === undefined ? '≤' : '≥', goal }]
  })
  const x = (part: number): number => Math.round(LEFT + Math.min(part, 2) / 2 * (WIDTH - LEFT - 20))
  const shapes = lines.map(({ text, part, ratio, isMet, sign, goal }, i) => {
    const y = i * LINE + 10
    return `<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${text}</text>
<rect x="${LEFT}" y="${y}" width="${x(part) - LEFT}" height="18" fill="${isMet ? '#2a7' : '#c63'}"/>
<text x="${LEFT + 6}" y="${y + 14}">${said(ratio)} ${sign} ${goal}</text>`
  })
  const height = lines.length * LINE + 16
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="#fff"/>\n${shapes.join('\n')}\n<line x1="${x(1)}" x2="${x(1)}" y1="4" y2="${height - 4}" stroke="#000"/>\n</svg>\n`
}
