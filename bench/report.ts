import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A ratio to meet: at least, or at most. */
type Bar = { least: number } | { most: number }
interface Named { name: string, unit: string, bar: Bar, beside: string }
export interface Row extends Named { own: number, other: number, ratio: number, from: number, to: number }
export interface Report { machine: string, rows: readonly Row[], doubts: readonly string[] }

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN

/** The medians of both, and the ratio of each round, which is what counts: one round is like the next, one machine is not. */
export function ratioOf (named: Named, own: readonly number[], other: readonly number[]): Row {
  const ratios = own.map((value, i) => value / (other[i] ?? Number.NaN))
  return { ...named, own: median(own), other: median(other), ratio: median(ratios), from: Math.min(...ratios), to: Math.max(...ratios) }
}

const isMet = ({ bar, ratio }: Row): boolean => 'least' in bar ? ratio >= bar.least : ratio <= bar.most
const said = (value: number, unit: string): string => `${value < 10 ? value.toFixed(2) : Math.round(value)} ${unit}`
const barOf = ({ bar }: Row): string => 'least' in bar ? `≥ ${bar.least}` : `≤ ${bar.most}`

/** Prints the table and writes it, with a chart, into this folder. */
export function write (folder: string, { machine, rows, doubts }: Report): void {
  const lines = rows.map((row) => `| ${row.name} | ${said(row.own, row.unit)} | ${said(row.other, row.unit)} (${row.beside}) | ${row.ratio.toFixed(2)} (${row.from.toFixed(2)}–${row.to.toFixed(2)}) | ${barOf(row)} | ${isMet(row) ? 'met' : 'missed'} |`)
  const table = ['| work | Visage | beside | ratio (spread) | bar | |', '|---|---|---|---|---|---|', ...lines].join('\n')
  const text = `# Measured

Written by \`npm run bench\`. ${machine}.

${table}

${['*Limit*: bare node:http over the same statements and the same durable commit, without schemas, credentials or a log.', ...doubts.map((doubt) => `**${doubt}**`)].join('\n')}

![Ratios of this run](bench.svg)
`
  console.log(`${machine}\n\n${table}${doubts.map((doubt) => `\n\n${doubt}`).join('')}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'BENCH.md'), text)
  writeFileSync(join(folder, 'bench.svg'), chartOf(rows))
}

const [WIDTH, LINE, LEFT] = [720, 34, 300]

/** A bar for each row as long as its ratio; the bar that it has to meet is a stroke. */
function chartOf (rows: readonly Row[]): string {
  const most = Math.max(...rows.map(({ ratio, bar }) => Math.max(ratio, ...Object.values(bar)))) * 1.1
  const x = (value: number): number => Math.round(LEFT + value / most * (WIDTH - LEFT - 20))
  const shapes = rows.map((row, i) => {
    const y = i * LINE + 10
    const goal = x(Number(Object.values(row.bar)[0]))
    return `<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${row.name}</text>
<rect x="${LEFT}" y="${y}" width="${x(row.ratio) - LEFT}" height="20" fill="${isMet(row) ? '#2a7' : '#c63'}"/>
<line x1="${goal}" x2="${goal}" y1="${y - 3}" y2="${y + 23}" stroke="#000"/>
<text x="${LEFT + 6}" y="${y + 14}" fill="#fff">${row.ratio.toFixed(2)}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${rows.length * LINE + 16}" font-family="sans-serif" font-size="13">\n<rect width="100%" height="100%" fill="#fff"/>\n${shapes.join('\n')}\n</svg>\n`
}
