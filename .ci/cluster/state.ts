// What is kept at the end: no row without its pictures, and no picture without its row once all were collected.
import { setTimeout as sleep } from 'node:timers/promises'
import { AwsClient } from 'aws4fetch'
import type { Service } from '../../src/app.ts'
import { createPool } from '../../src/db/postgres/client.ts'
import { readS3Address } from '../../src/images/store/address.ts'
import { readPage } from '../../src/images/store/s3-page.ts'
import type { Processes } from './processes.ts'

/** Longer than anything is left alone before it is collected. */
const LATER_MS = 2 * 3_600_000
const COLLECTED_MS = 30_000
const NAMED = 'select avatar from users where avatar is not null union select cover from users where cover is not null union select name from avatars'

interface Kept { settings: Record<string, string>, processes: Processes, core: Pick<Service, 'fsck'> }

export async function stateOf ({ settings, processes, core }: Kept): Promise<{ looked: object, wrong: string[] }> {
  const { VISAGE_DATABASE_URL: database = '', VISAGE_STORE_URL: store = '' } = settings
  const wrong: string[] = []
  const pool = createPool({ connectionString: database, max: 1 })
  try {
    // As if all of it had been left behind hours ago; whoever starts collects.
    for (const table of ['uploads', 'doomed']) await pool.query(`update ${table} set at = at - ${LATER_MS}`)
    await processes.kill(0)
    const left = async () => (await pool.query('select name from uploads union all select name from doomed')).rows.length
    for (const giveUp = Date.now() + COLLECTED_MS; await left() > 0 && Date.now() < giveUp;) await sleep(100)
    if (await left() > 0) wrong.push(`${await left()} pictures were not collected`)

    const named = new Set((await pool.query<{ avatar: string }>(NAMED)).rows.map(({ avatar }) => avatar))
    const kept = new Set((await objectsIn(store)).map((key) => /^(?:avatars|covers)\/([^.-]+)/.exec(key)?.[1] ?? key))
    for (const name of named) if (!kept.has(name)) wrong.push(`${name} is in a row, and not in the bucket`)
    for (const name of kept) if (!named.has(name)) wrong.push(`${name} is in the bucket, and in no row`)
  } finally {
    await pool.end()
  }

  const { looked } = await core.fsck.run({ onFinding (finding) { wrong.push(JSON.stringify(finding)) } })
  return { looked, wrong }
}

/** The keys of all objects. */
async function objectsIn (store: string): Promise<string[]> {
  const { bucketUrl, ...who } = readS3Address(store, {})
  const client = new AwsClient({ ...who, service: 's3' })
  const keys: string[] = []
  for (let next: string | undefined = ''; next !== undefined;) {
    const answer = await client.fetch(`${bucketUrl}?list-type=2&encoding-type=url${next && `&continuation-token=${encodeURIComponent(next)}`}`)
    const page = readPage(await answer.text())
    keys.push(...page.objects.map(({ key }) => key))
    next = page.next
  }
  return keys
}
