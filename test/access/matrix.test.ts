import t from 'tap'
import { OPEN_PLACES, ORACLE, verdict } from './oracle.ts'
import type { Named, Rank, Rule, Sender } from './oracle.ts'
import { createWorld } from './world.ts'
import type { Somebody, World } from './world.ts'

const SENDERS: Sender[] = ['nobody', 'nonsense', 'inactive', 'ordinary', 'staff', 'admin']
const NAMED: Named[] = ['themselves', 'ordinary', 'staff', 'admin', 'hidden', 'unknown']
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
type Method = typeof METHODS[number]
const UNKNOWN = 999_999

const isPlace = (url: string) => OPEN_PLACES.some((place) => place.test(url))
const slashed = (url: string) => url.endsWith('/') ? url : `${url}/`
/** The path as it stands in the oracle, with or without the slash. */
const PATHS = new Map(Object.keys(ORACLE).map((name) => name.split(' ') as [Method, string]).map(([, path]) => [path, METHODS.filter((method) => `${method} ${path}` in ORACLE)]))

/** The rule of a method on a path; HEAD is as GET. Undefined: the path does not have the method. */
const ruleOf = (method: Method, path: string): Rule | undefined => ORACLE[`${method === 'HEAD' ? 'GET' : method} ${path}`]

t.test('the server has the routes of the oracle, and no others', async (t) => {
  const { routes } = await createWorld(t)
  const listed = new Set(routes.filter(({ url }) => !isPlace(url)).map(({ method, url }) => `${method} ${url}`))
  t.same([...listed].filter((name) => !PATHS.has(slashed(name.split(' ')[1] ?? ''))), [], 'a route that the oracle lacks')
  // What a path does not do has a route for all of it; the cells below ask for each method.
  const wanted = [...PATHS].flatMap(([path]) => [...METHODS.filter((method) => ruleOf(method, path)), 'OPTIONS', 'TRACE'].flatMap((method) => [`${method} ${path}`, `${method} ${path.slice(0, -1)}`]))
  t.same(wanted.filter((name) => !listed.has(name)), [], 'a row of the oracle that is not served')
})

interface Cell { method: Method, path: string, rule: Rule | undefined, sender: Sender, named: Named }

/** Those who take part, made when they are first needed. */
function createCast (world: World) {
  const cast = new Map<string, Promise<Somebody>>()
  return {
    of (part: 'sender' | 'named', who: Rank | 'inactive' | 'hidden'): Promise<Somebody> {
      const known = cast.get(`${part} ${who}`) ?? (who === 'inactive' || who === 'hidden' ? world.make('ordinary', who) : world.make(who))
      cast.set(`${part} ${who}`, known)
      return known
    },
    /** They are not what they were: others come. */
    renew: () => cast.clear(),
  }
}

/** Sends one request among people to whom nothing has happened yet, and tells what is wrong with the answer. */
async function judge (world: World, cast: ReturnType<typeof createCast>, cell: Cell, isSlashed: boolean): Promise<string | undefined> {
  const { method, path, rule, sender, named } = cell
  const nonsense = { id: 0, headers: { authorization: `Token ${'0'.repeat(40)}` } }
  const from = sender === 'nobody' ? undefined : sender === 'nonsense' ? nonsense : await cast.of('sender', sender)
  const id = named === 'unknown' ? UNKNOWN : named === 'themselves' ? from?.id : (await cast.of('named', named)).id
  const url = path.replace(':id', String(id)).replace(/:\w+_id/, String(UNKNOWN)).replace(':key', 'company_name')
  const before = world.state()
  const response = await world.app.inject({ method, url: isSlashed ? url : url.slice(0, -1), headers: from?.headers ?? {}, ...['POST', 'PUT', 'PATCH'].includes(method) && { payload: {} } })
  const { statusCode } = response
  const isSame = world.state() === before
  if (!isSame) cast.renew()
  const wanted = wantedOf(cell)
  const isRight = wanted === 'through' ? statusCode < 500 && ![401, 403, 405].includes(statusCode) : statusCode === wanted
  if (!isRight) return `${sender} ${method} ${url} (${named}, ${rule}): ${statusCode} ${response.body.slice(0, 120)}, wanted ${wanted}`
  if (wanted !== 'through' && !isSame) return `${sender} ${method} ${url} (${named}): refused, and yet something was written`
  return undefined
}

function wantedOf ({ method, path, rule, sender, named }: Cell): ReturnType<typeof verdict> | 405 {
  if (rule !== undefined) return verdict(rule, sender, named)
  // Another method: who has nothing to say is told so first, where credentials are looked at.
  const others = PATHS.get(path)?.map((name) => ORACLE[`${name} ${path}`] as Rule) ?? []
  const isOpen = others.every((other) => other === 'open')
  if (isOpen) return method === 'OPTIONS' ? 'through' : 405
  const seen = verdict(permissionOf(others), sender, 'themselves')
  if (seen !== 'through') return seen
  return method === 'OPTIONS' ? 'through' : 405
}

/** What it takes to be told about a path at all. */
function permissionOf (rules: Rule[]): Rule {
  if (rules.every((rule) => rule === 'public')) return 'public'
  const staff = rules.filter((rule) => /^(staff|admin)/.test(rule))
  if (staff.length < rules.length) return 'member'
  return staff.every((rule) => ['admin', 'admin, anybody', 'admin, proven'].includes(rule)) ? 'admin' : 'staff'
}

t.test('who may, may; who may not, is refused and has changed nothing', async (t) => {
  const world = await createWorld(t)
  // The last active admin stays, which would spoil the cells of the others.
  await world.make('admin')
  const cells: Cell[] = []
  for (const [path] of PATHS) {
    for (const method of METHODS) {
      // A method that a path does not have has nothing to say of whom the path names.
      const named: Named[] = !path.includes(':id') ? ['themselves'] : ruleOf(method, path) === undefined ? ['ordinary', 'unknown'] : NAMED
      for (const sender of SENDERS) {
        for (const name of named) {
          if (name === 'themselves' && path.includes(':id') && ['nobody', 'nonsense'].includes(sender)) continue
          cells.push({ method, path, rule: ruleOf(method, path), sender, named: name })
        }
      }
    }
  }
  const cast = createCast(world)
  const wrong: string[] = []
  for (const [i, cell] of cells.entries()) {
    const found = await judge(world, cast, cell, i % 2 === 0)
    if (found !== undefined) wrong.push(found)
  }
  t.same(wrong.slice(0, 20), [], `${cells.length} cells, ${wrong.length} wrong`)
})
