// An application that embeds Visage: a route for whoever is signed in, and a table of its own that follows the people.
import { DatabaseSync } from 'node:sqlite'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import visage from 'visage'
import type { Happened } from 'visage'

/** Notes of people, in a database of the application's. */
export async function openNotes ({ file, dataDir }: { file: string, dataDir: string }): Promise<FastifyInstance> {
  const db = new DatabaseSync(file)
  db.exec('create table if not exists authors (id integer primary key, username text not null)')
  db.exec('create table if not exists notes (id integer primary key, author integer not null, text text not null)')
  const keep = db.prepare('insert into authors values (?, ?) on conflict (id) do update set username = excluded.username')
  const [forget, forgetNotes] = [db.prepare('delete from authors where id = ?'), db.prepare('delete from notes where author = ?')]
  const write = db.prepare('insert into notes (author, text) values (?, ?)')
  const list = db.prepare('select notes.id, username, text from notes join authors on authors.id = author order by notes.id')

  const app = Fastify()
  app.addHook('onClose', async () => { db.close() })
  await app.register(visage, { dataDir, prefix: '/people', logLevel: 'silent' })
  const { authenticate, people, on } = app.visage

  // Told the names of what was written; the values are asked for. One function for all, so it hears of a person one thing after the other.
  async function follow ({ event, id, fields }: Happened): Promise<void> {
    if (event === 'removed') {
      forgetNotes.run(id)
      forget.run(id)
    } else if (fields.includes('username')) keep.run(id, (await people.get(id)).username)
  }
  for (const event of ['created', 'changed', 'removed'] as const) on(event, follow)

  app.get('/notes', async () => list.all())
  app.post<{ Body: { text: string } }>('/notes', { onRequest: authenticate }, async ({ person, body }, reply) => {
    const { lastInsertRowid: id } = write.run(person?.id ?? 0, body.text)
    return reply.code(201).send({ id, by: person?.username })
  })
  return app
}
