// The limit: bare node:http over the same statements and the same durable commit, without schemas, credentials, families or a
// log. `POST` verifies a password and does nothing else, `GET /` not even that.
import { once } from 'node:events'
import { createServer } from 'node:http'
import Sqlite from 'better-sqlite3'
import { databaseOf } from '../src/db/sqlite/folder.ts'
import { openDatabase } from '../src/db/index.ts'
import { hasher } from '../src/hashing/index.ts'
import { PASSWORD } from './fill.ts'

const [port, dataDir = ''] = process.argv.slice(2)
const db = await openDatabase({ dataDir, exclusive: true })
const account = new Sqlite(databaseOf(dataDir), { readonly: true }).prepare('select * from users where id = ?')

const hash = await hasher.hash(PASSWORD)

const server = createServer(async (request, response) => {
  const id = Number(/^\/api\/v2\/user\/(\d+)\//.exec(request.url ?? '')?.[1])
  let said = '{}'
  if (request.method === 'PATCH') {
    let body = ''
    for await (const part of request) body += String(part)
    const { bio, location, real_name: realName } = JSON.parse(body) as Record<string, string>
    const at = Date.now()
    await db.write(async (tx) => {
      const { version = 0 } = await tx.users.find(id) ?? {}
      await tx.users.update(id, { bio: String(bio), location: String(location), realName: String(realName), version: version + 1, updatedAt: at })
      await tx.changes.insert({ userId: id, actorId: id, family: 'community', fields: ['bio', 'location', 'realName'], dropped: [], version: version + 1, at })
    })
    said = body
  } else if (request.method === 'POST') await hasher.verify(hash, PASSWORD)
  else if (id > 0) said = JSON.stringify(account.get(id))
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(said) }).end(said)
})
server.listen(Number(port), '127.0.0.1')
process.on('SIGTERM', () => server.close())
server.on('close', () => void db.close())
await once(server, 'listening')
