import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { createSizes } from './sizes.ts'

/** From a row that is remembered to a picture that is made. */
const BUCKETS = [0.005, 0.025, 0.1, 0.5, 2.5, 10]

/** Called like counters, which they are not: Prometheus's own check refuses them. */
const MISNAMED = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`)

/** Of the works that share a commit. */
const WORKS = [1, 2, 4, 8, 16, 32, 64, 128]

type Values = [labels: Record<string, string>, value: number][]

/**
 * Everything that is told. Nouns keep their counts anyway, and are asked when somebody looks. No label holds anything of a person,
 * a path or a word that was sent: there are as many series as routes, limits and codes.
 */
export function createRegistry (app: FastifyInstance): Registry {
  const { core } = app
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  for (const name of MISNAMED) registry.removeSingleMetric(name)

  const counter = (name: string, help: string, labelNames: string[], read: () => Values) => new Counter({
    name, help, labelNames, registers, collect () { replace(this, read(), (labels, value) => { this.inc(labels, value) }) },
  })
  const gauge = (name: string, help: string, labelNames: string[], read: () => Values | Promise<Values>) => new Gauge({
    name, help, labelNames, registers, async collect () { replace(this, await read(), (labels, value) => { this.set(labels, value) }) },
  })

  const durations = new Histogram({ name: 'visage_request_duration_seconds', help: 'Time from the head of a request to the end of its answer', labelNames: ['family', 'route', 'method', 'status'], buckets: BUCKETS, registers })
  app.onAnswered.push(({ family, route, method, status, ms }) => {
    const known = app.supportedMethods.find((name) => name === method) ?? 'other'
    durations.observe({ family: family ?? 'none', route: route === null ? 'unknown' : nameOf(route), method: route === null ? 'any' : known, status: `${Math.trunc(status / 100)}xx` }, (ms ?? 0) / 1_000)
  })

  counter('visage_commits_total', 'Commits to the disk', [], () => [[{}, core.db.figures().commits]])
  counter('visage_works_total', 'Writes that were committed; several share a commit', [], () => [[{}, core.db.figures().works]])
  const sharing = new Histogram({ name: 'visage_commit_works', help: 'How many writes shared a commit', buckets: WORKS, registers })
  core.db.onCommit((works) => { sharing.observe(works) })
  counter('visage_sign_ins_total', 'Attempts to sign in, by way and how they ended', ['way', 'outcome'], () => Object.entries(core.signIn.outcomes)
    .flatMap(([way, ends]): Values => Object.entries({ succeeded: 0, ...ends }).map(([outcome, count]) => [{ way, outcome }, count])))
  counter('visage_refusals_total', 'Requests that a limit refused', ['limit'], () => Object.entries(core.limits.refusals).map(([limit, count]) => [{ limit }, count]))
  counter('visage_uploads_total', 'Pictures that were sent, by what became of them', ['verdict', 'format'], () => core.images.figures().uploads.map(({ verdict, format, count }) => [{ verdict, format }, count]))
  counter('visage_sweeps_total', 'Sweeps of published pictures', [], () => [[{}, core.images.figures().swept.runs]])
  counter('visage_swept_files_total', 'Files that no account named, and that were removed', [], () => [[{}, core.images.figures().swept.removed]])
  gauge('visage_missing_pictures', 'Pictures that accounts name and that the last sweep did not find', [], () => [[{}, core.images.figures().swept.missing]])
  gauge('visage_wal_bytes', 'Size of the log of the database', [], () => [[{}, core.db.figures().logBytes]])
  gauge('visage_queue_length', 'How many wait in a queue that all share', ['queue'], async () => Object.entries(await core.queues()).map(([queue, length]) => [{ queue }, length]))
  const sizes = createSizes(core)
  gauge('visage_disk_bytes', 'What lies on the disk; pictures as of the last ten minutes', ['kind'], async () => Object.entries(await sizes()).map(([kind, bytes]) => [{ kind }, bytes]))
  gauge('visage_disk_free_bytes', 'Room that is left on the disk', [], async () => [[{}, await core.images.probes.freeBytes()]])
  gauge('visage_health', '1 for what works, 0 for what does not', ['check'], async () => (await core.health.look()).checks.map(({ name, status }) => [{ check: name }, Number(status === 'ok')]))
  return registry
}

/** Both forms of a path are one route. */
const nameOf = (route: string): string => route.length > 1 ? route.replace(/\/$/, '') : route

function replace (metric: { reset: () => void }, values: Values, set: (labels: Record<string, string>, value: number) => void): void {
  metric.reset()
  for (const [labels, value] of values) set(labels, value)
}
