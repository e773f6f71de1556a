// Metrics of a service with 100,000 accounts: whether accounts or what is sent add a series, and what a scrape costs.
import { readFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fillService } from '../bench/fill.ts'
import { freePort } from './nginx.ts'
import { startService } from './service.ts'

const ACCOUNTS = Number(process.env.VISAGE_ACCOUNTS ?? 100_000)
const FEW = 10
const SENT = 3_000
const SCRAPES = 100
/** As Prometheus asks unless it is told otherwise in its first example; its own default is a minute. */
const EVERY_S = 15
/** Of what one core can do. */
const MOST = 0.01
/** Clock ticks a second, in which Linux counts a process's time. */
const TICKS = 100

const folder = mkdtempSync(join(tmpdir(), 'visage-scrapes-'))

/** Seconds of processor time that a process has used. */
function cpuOf (pid: number): number {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const fields = rest.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

async function serve (dataDir: string) {
  const port = await freePort()
  const service = await startService({ dataDir, settings: { VISAGE_METRICS_PORT: String(port) } })
  const scrape = async () => await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  /** The names and labels; the folders of pictures are looked through when the first scrape has been answered. */
  const series = async () => new Set((await scrape()).split('\n').filter((line) => line.startsWith('visage_') && !line.startsWith('visage_disk_bytes')).map((line) => line.replace(/ \S+$/, '')))
  return { ...service, scrape, series }
}

/** Every kind of request once, with words that nobody has sent before. */
async function ask (url: string, n: number): Promise<void> {
  const word = `x${(n * 2_654_435_761 % 2 ** 32).toString(36)}`
  const json = { 'content-type': 'application/json' }
  await Promise.all([
    fetch(`${url}/api/v2/user/${n + 1}/`, { headers: { 'x-request-id': word, 'user-agent': word } }),
    fetch(`${url}/${word}`),
    fetch(`${url}/v1/people/${word}?${word}=${word}`),
    fetch(`${url}/api/users/${word}/${word}`),
    fetch(`${url}/v1/sign-in`, { method: 'POST', headers: json, body: JSON.stringify({ login: word, [word]: word }) }),
    fetch(`${url}/media/avatars/${word}.webp`),
  ].map(async (asked) => await (await asked).arrayBuffer()))
}

try {
  const [few, many] = ['few', 'many'].map((name) => join(folder, name)) as [string, string]
  for (const [dataDir, accounts] of [[few, FEW], [many, ACCOUNTS]] as const) await fillService(dataDir, { accounts, tokens: join(folder, 'tokens') })
  const [small, full] = [await serve(few), await serve(many)]
  for (const { url } of [small, full]) await ask(url, 0)
  const [before, withMany] = [await small.series(), await full.series()]
  for (let n = 1; n <= SENT / 6; n++) await ask(full.url, n)
  const after = await full.series()
  const from = cpuOf(full.pid)
  for (let i = 0; i < SCRAPES; i++) await full.scrape()
  const seconds = (cpuOf(full.pid) - from) / SCRAPES
  for (const service of [small, full]) await service.end('SIGTERM')
  const added = [...withMany].filter((name) => !before.has(name)).length + [...after].filter((name) => !withMany.has(name)).length
  console.log(`${before.size} series with ${FEW} accounts, ${withMany.size} with ${ACCOUNTS}, ${after.size} after ${SENT} requests; ${added} added`)
  console.log(`a scrape takes ${(1_000 * seconds).toFixed(2)} ms of the processor: every ${EVERY_S} s that is ${(100 * seconds / EVERY_S).toFixed(3)} % of a core`)
  process.exitCode = added === 0 && seconds / EVERY_S <= MOST ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
