import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { OPERATOR } from '../app.ts'
import type { Service } from '../app.ts'
import type { Changes } from '../core/fields/index.ts'
import type { StagedImage } from '../images/stage.ts'
import { isFull } from '../disk.ts'
import { ID_LIMIT, openDjango } from './django-database.ts'
import type { Mapping, Row, Value } from './django-database.ts'
import { PICTURES, read, timeOf } from './django-row.ts'
import { TransferError } from './folder.ts'

export type Outcome = 'imported' | 'there already' | 'left out'
/** What became of somebody; `lost`: what could not come with them. */
export interface Report { from: Value, username: string, outcome: Outcome, id?: number, lost: string[] }

interface Options {
  core: Service
  dataDir: string
  /** Judges a new account as the native family does; throws an error whose message says what is wrong. */
  judge: (body: object) => Promise<unknown>
  media?: string | undefined
  mapping?: Mapping
  isDry: boolean
  onReport: (report: Report) => void
}

/** Brings the users of a Django project over: whoever has a name that somebody has here already is left as they are. Throws a TransferError. */
export async function importDjango (file: string, { core, dataDir, judge, media, mapping = {}, isDry, onReport }: Options): Promise<void> {
  const django = openDjango(file, mapping)
  const groupIds = new Map<string, number>()

  async function groupOf (name: string): Promise<number> {
    const known = groupIds.get(name) ?? (await core.db.read.groups.holderOf(name))?.id
    const id = known ?? (await core.groups.create(OPERATOR, { name })).id
    groupIds.set(name, id)
    return id
  }

  async function bring (row: Row): Promise<Omit<Report, 'from'>> {
    const lost: string[] = []
    const { body, pictures } = read(row, mapping, lost)
    const { username = '', email } = body
    const from = row[django.key] ?? null
    const there = await core.db.read.users.holderOf({ username })
    if (there !== undefined) return { username, outcome: 'there already', id: there.id, lost }
    // Django lets several people have one address.
    if (email !== undefined && await core.db.read.users.holderOf({ email }) !== undefined) {
      lost.push(`email ${email}: somebody else has it`)
      delete body.email
    }
    const hash = String(row.password ?? '')
    const isKnown = core.passwords.isKnown(hash)
    // Django writes it for somebody who has none.
    if (!isKnown && !hash.startsWith('!') && hash !== '') lost.push('password: the hash is of a kind that is not known')
    let staged: Awaited<ReturnType<typeof pictured>> = {}
    try {
      await judge(body)
      staged = await pictured(pictures, lost)
      if (isDry) return { username, outcome: 'imported', lost }
      const groups: number[] = []
      for (const name of django.groupsOf(from)) groups.push(await groupOf(name))
      const changes = { ...body as Changes & { username: string }, ...staged, groups }
      const id = await free(from)
      const { id: given } = await core.users.create(OPERATOR, { ...changes, ...isKnown && { passwordHash: hash } }, {
        family: 'operator',
        came: { ...id !== undefined && { id }, ...timeOf(row.date_joined, 'createdAt'), ...timeOf(row.last_login, 'lastLoginAt') },
      })
      return { username, outcome: 'imported', id: given, lost }
    } catch (error) {
      const says = sentenceOf(error)
      if (says === undefined) throw error
      return { username, outcome: 'left out', lost: [...lost, says] }
    } finally {
      for (const image of Object.values(staged)) await image.discard()
    }
  }

  /** The id where nobody has it, or has had it. */
  async function free (id: Value): Promise<number | undefined> {
    if (typeof id !== 'number' || !Number.isInteger(id) || id <= 0 || id >= ID_LIMIT) return undefined
    const isNobody = (await core.db.read.users.gone([id])).length === 1
    return isNobody && (await core.db.read.changes.list(id, 1)).length === 0 ? id : undefined
  }

  async function pictured (pictures: Record<string, string>, lost: string[]): Promise<Partial<Record<(typeof PICTURES)[number], StagedImage>>> {
    const found: Awaited<ReturnType<typeof pictured>> = {}
    for (const kind of PICTURES) {
      const name = pictures[kind]
      if (name === undefined) continue
      const path = media === undefined ? undefined : resolve(media, name)
      const isThere = path !== undefined && path.startsWith(`${resolve(media as string)}${sep}`) && await stat(path).then((found) => found.isFile(), () => false)
      if (!isThere) lost.push(`${kind} ${name}: there is no such file${media === undefined ? '; --media says where they are' : ''}`)
      else {
        const staged = await core.images.stage(kind, createReadStream(path))
        const finding = await core.images.judge(staged)
        if (finding === undefined) found[kind] = staged
        else {
          await staged.discard()
          lost.push(`${kind} ${name}: ${finding.code}`)
        }
      }
    }
    return found
  }

  try {
    // Whoever cannot keep their id must not take that of somebody who comes later.
    if (!isDry) await core.db.write((tx) => tx.carried.countFrom({ users: django.highest }))
    for (const row of django.users()) onReport({ from: row[django.key] ?? null, ...await bring(row) })
  } catch (error) {
    if (isFull(dataDir, error)) throw new TransferError(`there is no room left on the disk of ${dataDir}; whoever was told before this is there: make room, and run it again`, { cause: error })
    throw error
  } finally {
    django.close()
  }
}

const sentenceOf = (error: unknown): string | undefined => error instanceof Error && (error.name === 'UsageError' || 'fields' in error) ? error.message : undefined
