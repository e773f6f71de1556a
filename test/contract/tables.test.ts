import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { OPERATOR } from '../../src/app.ts'
import { documentOf } from '../document.ts'
import { PASSWORD } from '../helper.ts'
import { createWorld } from '../life/world.ts'
import type { World } from '../life/world.ts'
import { COMMUNITY, PERSONAL, STAFF } from './tables.ts'
import type { Person, Row } from './tables.ts'

interface Family { name: string, prefix: string, rows: Row[], refusal: (code: string, message: string) => object }

const detail = (_code: string, message: string) => ({ detail: message })
const FAMILIES: Family[] = [
  { name: 'community', prefix: '/api/v2/', rows: COMMUNITY, refusal: (code, message) => ({ errors: [{ code, message }] }) },
  { name: 'staff', prefix: '/api/users/', rows: STAFF, refusal: detail },
  { name: 'personal', prefix: '/', rows: PERSONAL, refusal: detail },
]

type Document = Record<string, Record<string, { responses: Record<string, { content?: Record<string, { schema: object }> }> }>>

/** A path whatever its parameters are called. */
const plain = (path: string) => path.replace(/\{\w+\}/g, '{}')

/** The paths in the first column of the family's table "Not served", with their methods where only those are meant. */
function unserved ({ name, prefix }: Family): string[] {
  const page = readFileSync(join(import.meta.dirname, '../../routes', name, 'README.md'), 'utf8')
  const section = page.split(/^## /m).find((part) => part.startsWith('Not served')) ?? ''
  const rows = [...section.matchAll(/^\| (?!what |-)(.*?) \|/gm)].map(([, cell = '']) => cell)
  return rows.flatMap((cell) => {
    const paths = [...cell.matchAll(/`(?:([A-Z]+) )?\/?([^`]*\/)`/g)]
    if (paths.length === 0) throw new Error(`"${cell}" of ${name} names no path`)
    return paths.map(([, method, path = '']) => `${method === undefined ? '' : `${method} `}${plain(`${prefix}${path}`)}`)
  })
}

let made = 0
async function person ({ core }: World): Promise<Person> {
  const username = `person-${made++}`
  const email = `${username}@example.com`
  const { id } = await core.users.create(OPERATOR, { username, email, password: PASSWORD }, { family: 'operator' })
  return { id, username, email, headers: { authorization: `Token ${(await core.keys.create(id)).secret}` } }
}

for (const family of FAMILIES) {
  t.test(`every endpoint of the ${family.name} family`, async (t) => {
    const world = await createWorld(t)
    const { app } = world
    const { paths } = await documentOf<{ paths: Document }>(app)
    const documented = new Map(Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${plain(path)}`, operation.responses])))
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    const named = unserved(family)
    const idle = await person(world)

    for (const [method, path, who, status, sent] of family.rows) {
      const name = `${method} ${path}`
      const responses = documented.get(plain(name))
      const isNamed = named.includes(plain(path)) || named.includes(plain(name))
      t.equal(isNamed, responses === undefined, responses ? `${name} is served, and the README does not deny it` : `${name} is not served, and the README says why`)
      const scene = { ...world, self: responses === undefined ? idle : await person(world), other: idle }
      const { at = {}, query = '', body } = responses === undefined ? {} : await sent?.(scene) ?? {}
      const url = path.replace(/\{(\w+)\}/g, (_, key: string) => String(at[key] ?? scene.self.id))
      const headers = who === 'nobody' ? {} : who === 'admin' ? world.admin : scene.self.headers
      const answer = await app.inject({
        method,
        url: `${url}${query}`,
        headers: { ...headers, ...body !== undefined && { 'content-type': 'application/json' } },
        ...body !== undefined && { payload: JSON.stringify(body) },
      })

      if (responses === undefined) {
        // `/user/hidden_users/` reads as the page of somebody whose id is no id.
        const readsAs = [...documented.keys()].filter((other) => matches(other.split(' ')[1] ?? '', url))
        const isOther = answer.statusCode === 405 && readsAs.length > 0
        const [code, text] = isOther ? ['method_not_allowed', `Method "${method}" not allowed.`] : ['not_found', 'Not found.']
        t.match({ status: answer.statusCode, body: answer.json() as unknown }, { status: isOther ? 405 : 404, body: family.refusal(code, text) }, `${name} is refused`)
        continue
      }
      t.ok(app.hasRoute({ method, url: routeOf(paths, plain(name)) }), `${name} is a route`)
      if (!t.equal(answer.statusCode, status, `${name}: ${answer.body.slice(0, 200)}`)) continue
      const schema = responses[status]?.content?.['application/json']?.schema
      if (answer.body === '') t.notOk(schema && !ajv.validate(schema, null), `${name} has no body, and none is promised`)
      else t.ok(schema && ajv.validate(schema, answer.json()), `${name} is as documented: ${ajv.errorsText()}`)
    }

    const served = [...documented.keys()]
    t.same(named.filter((name) => served.some((other) => other === name || other.split(' ')[1] === name)), [], 'what the README calls not served is not')
  })
}

const matches = (pattern: string, url: string) => new RegExp(`^${pattern.replaceAll('{}', '[^/]+')}$`).test(url)

/** A documented path in the words of the router. */
function routeOf (paths: Document, name: string): string {
  const path = Object.keys(paths).find((other) => plain(other) === name.split(' ')[1]) ?? ''
  return path.replace(/\{(\w+)\}/g, ':$1')
}
