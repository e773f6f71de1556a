import { distance } from 'fastest-levenshtein'
import { VARIABLES } from './config.ts'

/** What Kubernetes and Docker set by themselves for a service or a container that is called visage. */
const BY_OTHERS = /^VISAGE_(SERVICE_(HOST|PORT)(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?|NAME|ENV_\w+)$/
const PREFIX = /^VISAGE_/i

/** A sentence for each variable that is called like a setting and is none: nobody would learn that it does nothing. */
export const unknownSettings = (env: Record<string, string | undefined>): string[] =>
  Object.keys(env).filter((name) => PREFIX.test(name) && !VARIABLES.includes(name) && !BY_OTHERS.test(name)).map((name) => {
    const nearest = nearestTo(name.toUpperCase())
    return `${name} is no setting and does nothing${nearest === undefined ? '' : `; did you mean ${nearest}?`}`
  })

/** The setting that begins so, or whose name has at most two letters or a third of them wrong. */
function nearestTo (name: string): string | undefined {
  const longer = VARIABLES.find((variable) => variable.startsWith(`${name}_`))
  const [nearest] = VARIABLES.map((variable) => [variable, distance(name, variable)] as const).toSorted(([, a], [, b]) => a - b)
  const most = Math.max(2, (name.replace(PREFIX, '').length) / 3)
  return longer ?? (nearest !== undefined && nearest[1] <= most ? nearest[0] : undefined)
}
