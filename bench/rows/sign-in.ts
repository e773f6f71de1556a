import { PASSWORD, SIGNERS } from '../fill.ts'
import { http, KINDS } from '../requests.ts'
import type { Work } from '../row.ts'
import { steadily } from '../steady.ts'

/** More would wait for two threads. */
const CONNECTIONS = 4
export const READS_PER_S = 200

const kinds = SIGNERS.map((email) => ({ request: http({ method: 'POST', path: '/api/sign-in/', type: 'application/json', body: JSON.stringify({ email, password: PASSWORD }) }) }))

/** Sign-ins a second, and p99 of reading meanwhile. */
export const signIn: Work['measure'] = async ({ world }) => {
  const [visage, limit] = [await world.own('Visage'), await world.own('limit')]
  const reads = () => steadily({ url: visage.url, who: visage.tokens, requests: [KINDS.get(visage.dialect)], perSecond: READS_PER_S, warmUpS: 1, seconds: world.seconds })
  const alone = await world.load(limit, { kinds, connections: CONNECTIONS })
  const { perSecond } = await world.load(visage, { kinds, connections: CONNECTIONS })
  const quiet = await reads()
  const [busy] = await Promise.all([reads(), world.load(visage, { kinds, connections: CONNECTIONS, seconds: world.seconds + 2 })])
  return [{ 'Visage': perSecond, 'argon2id alone': alone.perSecond }, { Visage: busy.p99, quiet: quiet.p99 }]
}
