import { readFileSync } from 'node:fs'
import { loadConfig } from '../config.ts'
import type { Report } from '../transfer/django.ts'
import type { Mapping } from '../transfer/django-database.ts'
import type { TransferError } from '../transfer/folder.ts'
import type { Manifest } from '../transfer/format.ts'
import { takingOne, UsageError } from './command.ts'
import type { Command, Output, Said } from './command.ts'

const PROGRESS = 1_000

export const transfer: Record<string, Command> = {
  export: {
    says: 'writes people, groups, tags, fields, the log of changes and all pictures into a folder, as JSON lines; beside a server too',
    operands: 'FOLDER',
    flags: {},
    async run (core, _flags, { operands, note }) {
      const { exportTo } = await import('../transfer/export.ts')
      const folder = folderOf(operands)
      return await told(async () => said('exported to', folder, await exportTo(folder, { core, onPerson: counting(note, 'exported') })))
    },
  },

  import: {
    overPostgres: 'import into a folder, and move that',
    overBucket: 'import into a folder, and move that',
    says: 'makes a new data folder of what `export` has written',
    flags: {},
    ...takingOne('FOLDER', async (folder, _flags, { config, note }) => {
      const [{ importFrom }, { openService }] = [await import('../transfer/import.ts'), await import('../app.ts')]
      const open = (dataDir: string) => openService({ config: { ...config, dataDir }, exclusive: true })
      return await told(async () => said('imported into', config.dataDir, await importFrom(folder, { dataDir: config.dataDir, open, onPerson: counting(note, 'imported') })))
    }),
  },

  'import django': {
    says: 'brings the users of a Django project over: password hashes, groups and pictures too; again brings who is new',
    flags: {
      database: { type: 'string', says: 'its db.sqlite3', required: true },
      media: { type: 'string', says: 'its MEDIA_ROOT' },
      mapping: { type: 'string', says: 'a JSON file: {"table": "…", "columns": {"about_me": "bio", "nick": null}}' },
      'dry-run': { type: 'boolean', says: 'only tells what would come' },
    },
    async run (core, { database, media, mapping, 'dry-run': isDry }, { ask, print, env }) {
      const { importDjango } = await import('../transfer/django.ts')
      const counts = { 'imported': 0, 'there already': 0, 'left out': 0 }
      const onReport = ({ outcome, ...report }: Report) => {
        counts[outcome]++
        const isNew = outcome === 'imported' && (report.id === report.from || report.id === undefined)
        if (!isNew || report.lost.length > 0) print(JSON.stringify({ outcome, ...report }))
      }
      await told(async () => await importDjango(String(database), {
        core,
        dataDir: loadConfig(env).dataDir,
        judge: (body) => ask('POST', '/v1/people?dryRun=true', body),
        media: media === undefined ? undefined : String(media),
        ...mapping !== undefined && { mapping: mappingOf(String(mapping)) },
        isDry: isDry === true,
        onReport,
      }))
      return {
        says: `${isDry === true ? 'it would be: ' : ''}${Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`,
        json: { imported: counts.imported, thereAlready: counts['there already'], leftOut: counts['left out'], dryRun: isDry === true },
        exitCode: counts['left out'] === 0 ? 0 : 1,
      }
    },
  },
}

function mappingOf (file: string): Mapping {
  let mapping: Mapping | null
  try {
    mapping = JSON.parse(readFileSync(file, 'utf8')) as Mapping | null
  } catch (error) {
    throw new UsageError(`--mapping: ${(error as Error).message}`)
  }
  const { table, columns = {} } = mapping ?? { columns: null }
  const isOne = (table === undefined || typeof table === 'string') && columns !== null && typeof columns === 'object' && Object.values(columns).every((word) => word === null || typeof word === 'string')
  if (!isOne) throw new UsageError(`--mapping: ${file} is not like {"table": "…", "columns": {"about_me": "bio", "nick": null}}`)
  return mapping as Mapping
}

function folderOf (operands: readonly string[]): string {
  const [folder, ...rest] = operands
  if (folder === undefined || rest.length > 0) throw new UsageError('this takes one FOLDER; --help tells more')
  return folder
}

const said = (what: string, folder: string, { counts, left }: Manifest): Said => ({
  says: `${Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(', ')} are ${what} ${folder}; not in it: ${left.join(', ')}`,
  json: { folder, counts, leftOut: left },
})

function counting (note: Output['note'], what: string): (count: number) => void {
  let told = 0
  return (count) => {
    if (count < told + PROGRESS) return
    told = count
    note(`${what} ${count} people`)
  }
}

async function told<T> (work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if ((error as TransferError).name === 'TransferError') throw new UsageError((error as Error).message)
    throw error
  }
}
