import { Writable } from 'node:stream'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import visage from '../../src/app.ts'
import type { Options } from '../../src/app.ts'
import { placeOf } from '../engines.ts'
import { dataFolderFor, form, PASSWORD } from '../helper.ts'
import { picture } from '../images/pictures.ts'

/** The service with its metrics, which are found by what the log says. */
async function listening (t: Test, options: Options = {}) {
  const lines: { origin?: string, msg: string }[] = []
  const stream = new Writable({ write (line: Buffer, _encoding, done) { lines.push(JSON.parse(line.toString()) as typeof lines[number]); done() } })
  const app = Fastify({ logger: { level: 'info', stream }, disableRequestLogging: true })
  await app.register(visage, { ...placeOf(await dataFolderFor(t)), metricsPort: 0, diskFloor: 1, ...options })
  t.teardown(() => app.close())
  await app.ready()
  const origin = lines.find(({ msg }) => msg.startsWith('metrics are told on'))?.origin ?? ''
  const scrape = async () => await (await fetch(`${origin}/metrics`)).text()
  /** The series without their values; what Node tells of itself comes and goes. */
  const series = (text: string) => new Set(text.split('\n').filter((line) => line.startsWith('visage_')).map((line) => line.replace(/ \S+$/, '')))
  return { app, origin, scrape, series }
}

const DEPLOY = join(import.meta.dirname, '../../deploy')

/** What Prometheus's own tool says; undefined where it is not installed. */
function promtool (t: Test, args: string[], input = ''): { status: number | null, stdout: string, stderr: string } | undefined {
  const { error, status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8', cwd: DEPLOY })
  if (error === undefined) return { status, stdout, stderr }
  t.comment(`SKIPPED: promtool cannot be run: ${error.message}`)
  return undefined
}

const valueOf = (text: string, series: string): number => Number(text.split('\n').find((line) => line.startsWith(`${series} `))?.split(' ')[1])

t.test('a scrape tells what was done, and Prometheus accepts it', async (t) => {
  const { app, origin, scrape, series } = await listening(t)
  const unserved = await scrape()
  const post = (url: string, payload: object) => app.inject({ method: 'POST', url, payload })
  const { access } = (await post('/api/sign-up/', { username: 'ada', email: 'ada@example.com', password: PASSWORD })).json<{ access: string }>()
  await post('/api/sign-in/', { email: 'ada@example.com', password: PASSWORD })
  for (let i = 0; i < 6; i++) await post('/api/sign-in/', { email: 'ada@example.com', password: 'wrong' })
  const upload = async (file: Buffer) => {
    const { payload, headers } = form([['avatar', { file }]])
    await app.inject({ method: 'PUT', url: '/api/profile/1/update/', payload, headers: { ...headers, authorization: `Bearer ${access}` } })
  }
  await upload(await picture())
  await upload(Buffer.from('%PDF-1.4 of Ada'))
  await app.inject('/nowhere')

  const text = await scrape()
  const values = Object.fromEntries([
    'visage_sign_ins_total{way="password",outcome="succeeded"}', 'visage_sign_ins_total{way="password",outcome="bad_credentials"}', 'visage_sign_ins_total{way="password",outcome="throttled"}',
    'visage_refusals_total{limit="signIn"}', 'visage_refusals_total{limit="signUp"}', 'visage_uploads_total{verdict="published",format="png"}', 'visage_uploads_total{verdict="unsupported_image",format="PDF"}',
    'visage_queue_length{queue="hashes"}', 'visage_health{check="store"}',
    'visage_request_duration_seconds_count{family="personal",route="/api/sign-in",method="POST",status="2xx"}',
  ].map((name) => [name, valueOf(text, name)]))
  t.same(Object.values(values), [1, 5, 1, 1, 0, 1, 1, 0, 1, 1], JSON.stringify(values))
  for (const name of ['visage_commits_total', 'visage_works_total', 'visage_wal_bytes', 'visage_disk_bytes{kind="database"}', 'visage_disk_free_bytes', 'nodejs_eventloop_lag_p99_seconds']) t.ok(valueOf(text, name) > 0, name)
  t.ok(series(text).size > 20)

  const edits = Array.from({ length: 40 }, (_, i) => app.inject({ method: 'PATCH', url: '/v1/me', headers: { authorization: `Bearer ${access}` }, payload: { bio: `bio ${i}` } }))
  t.equal((await Promise.all(edits)).every(({ statusCode }) => statusCode === 200), true)
  const since = [unserved, await scrape()].map((told) => ['visage_commits_total', 'visage_works_total', 'visage_commit_works_count', 'visage_commit_works_sum', 'visage_commit_works_bucket{le="1"}'].map((name) => valueOf(told, name)))
  const [commits = 0, works = 0, count = 0, sum = 0, alone = 0] = (since[1] ?? []).map((value, i) => value - Number(since[0]?.[i]))
  t.same([count, sum], [commits, works], 'each commit, and how many writes shared it')
  t.ok(works >= 40 && alone < count, JSON.stringify(since))

  const judged = promtool(t, ['check', 'metrics'], text)
  if (judged !== undefined) t.same(judged, { status: 0, stdout: '', stderr: '' })
  const told = new Set(text.match(/^(visage|nodejs|process)_\w+/gm))
  for (const file of ['alerts.yaml', 'grafana-dashboard.json']) {
    const named = new Set(readFileSync(join(DEPLOY, file), 'utf8').match(/\b(visage|nodejs|process)_\w+/g))
    t.same([...named].filter((name) => !told.has(name)), [], `${file} names nothing that is not told`)
    t.ok(named.size > 5)
  }

  t.match(await (await fetch(`${origin}/health`)).json(), { status: 'ok', checks: [{ name: 'database', status: 'ok' }] })
  t.equal((await fetch(`${origin}/api/limits/`)).status, 404, 'and nothing else')
  t.equal((await app.inject('/metrics')).statusCode, 404, 'nor there')
  await t.rejects(listening(t, { metricsPort: Number(new URL(origin).port) }), { name: 'ConfigError', message: /^VISAGE_METRICS_PORT: listen EADDRINUSE/ })
})

t.test('nothing that is sent adds a series', async (t) => {
  const { app, scrape, series } = await listening(t, { rateLimit: false })
  const ask = async (n: number) => {
    const word = `x${(n * 2_654_435_761 % 2 ** 32).toString(36)}`
    await Promise.all([
      app.inject({ url: `/api/v2/user/${n + 1}/`, headers: { 'x-request-id': word, 'user-agent': word } }),
      app.inject({ url: `/${word}` }),
      app.inject({ url: `/api/users/${word}/${word}?${word}=${word}` }),
      app.inject({ method: 'REPORT', url: '/api/v2/user/1/' }),
      app.inject({ method: 'POST', url: '/api/sign-in/', payload: { email: `${word}@example.com`, password: '' } }),
      app.inject({ url: `/media/avatars/${word}.webp` }),
      app.inject({ url: `/avatar/${word}` }),
    ])
  }
  await ask(0)
  const before = series(await scrape())
  for (let n = 1; n <= 100; n++) await ask(n)
  // The folders have been looked through meanwhile, which is the only thing that is not there at first.
  const added = [...series(await scrape())].filter((name) => !before.has(name) && !name.startsWith('visage_disk_bytes'))
  t.same(added, [])
})

t.test('alerts and dashboard: Prometheus accepts them, and each rule is tried', async (t) => {
  const tests = readFileSync(join(DEPLOY, 'alerts.test.yaml'), 'utf8')
  for (const [, rule = ''] of readFileSync(join(DEPLOY, 'alerts.yaml'), 'utf8').matchAll(/alert: (\w+)/g)) {
    t.equal(tests.split(`alertname: ${rule}\n`).length, 3, `${rule}: once when it has to speak, and once when not`)
  }
  const { panels } = JSON.parse(readFileSync(join(DEPLOY, 'grafana-dashboard.json'), 'utf8')) as { panels: { targets: { expr: string }[] }[] }
  const exprs = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '5m')))
  const rules = join(t.testdir({}), 'dashboard.yaml')
  writeFileSync(rules, JSON.stringify({ groups: [{ name: 'dashboard', rules: exprs.map((expr, i) => ({ record: `panel:${i}`, expr })) }] }))
  for (const args of [['check', 'rules', 'alerts.yaml'], ['test', 'rules', 'alerts.test.yaml'], ['check', 'rules', rules]]) {
    const said = promtool(t, args)
    if (said !== undefined) t.match(said, { status: 0, stdout: /SUCCESS/ }, `${args.join(' ')}: ${said.stderr}`)
  }
})
