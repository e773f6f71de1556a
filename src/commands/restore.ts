import type { Restored } from '../backup/restore.ts'
import { takingOne } from './command.ts'
import type { Command } from './command.ts'
import { telling } from './progress.ts'

export const restore: Record<string, Command> = {
  restore: {
    overPostgres: 'put the copy of the data folder back, and restore the database with pg_restore',
    overBucket: 'bring the bucket back to the moment at which the copy of the database was begun, then put that back, and run fsck --repair',
    says: 'proves a backup and puts it in the place of what is in the data folder; not beside a running server',
    flags: {
      generation: { type: 'string', says: 'which one, by its name in `backup list`; the newest unless told' },
      'keep-sessions': { type: 'boolean', says: 'whoever was signed in at the time of the backup still is; everybody signs in again unless told' },
    },
    ...takingOne('FOLDER', async (dir, { generation, 'keep-sessions': keeps }, { config: { dataDir, sealKey }, note }) => {
      const { restore } = await import('../backup/restore.ts')
      const restored = await telling(note, (onProgress) => restore(dir, { dataDir, keepSessions: keeps === true, ...sealKey !== undefined && { sealKey }, ...typeof generation === 'string' && { generation }, onProgress }))
      return { says: inWords(dataDir, restored, keeps === true), json: toJson(restored, keeps === true) }
    }),
  },
}

function toJson ({ generation, manifest, pictures, erased, isUpgraded, seal, before }: Restored, keepsSessions: boolean): object {
  const was = before === undefined || before === 'broken' ? before : { accounts: before.accounts, lastChange: timeOf(before.lastChange) ?? null }
  return { generation, made: manifest.made, accounts: manifest.accounts - erased, pictures, erased, isUpgraded, sealKey: seal, sessions: keepsSessions ? 'kept' : 'ended', before: was ?? null, leftOut: manifest.left_out, missing: manifest.missing }
}

function inWords (dataDir: string, { generation, manifest, pictures, erased, isUpgraded, seal, before, knowsEnded }: Restored, keepsSessions: boolean): string {
  const lines = [`${dataDir} is as it was at ${manifest.made}: ${manifest.accounts - erased} accounts, ${pictures} files of pictures (${generation})`]
  if (erased > 0) lines.push(`removed again, because they were removed since: ${erased} ${erased === 1 ? 'person' : 'people'}`)
  if (before === 'broken') lines.push('the database that was there could not be read')
  else if (before !== undefined) lines.push(`what was there had ${before.accounts} accounts, and was last changed at ${timeOf(before.lastChange) ?? 'no time'}: what was changed after the backup is gone, so that passwords and roles are older than they were`)
  if (isUpgraded) lines.push(`the backup was made by version ${manifest.version}, and is brought up to date`)
  if (seal === 'settings') lines.push('VISAGE_SEAL_KEY is the key of what is sealed in it')
  if (seal === 'folder') lines.push('seal.key is the one that was there')
  if (seal === 'none') lines.push('seal.key is not in the backup and not in the folder: put it there before the start, or go on without what was sealed by it: npm run -s visage -- keys reset-seal')
  lines.push(keepsSessions ? 'sessions are those of the backup' : 'all sessions have ended: everybody signs in again')
  if (!knowsEnded) lines.push(`API tokens${keepsSessions ? ' and sessions' : ''} that were ended after the backup count again, because nothing here knows of it`)
  if (manifest.missing.length > 0) lines.push(`missing at the time of the backup already: ${manifest.missing.length} files of pictures`)
  lines.push('emails that were waiting at the time of the backup are sent again')
  return lines.join('\n')
}

const timeOf = (at: number | undefined): string | undefined => at === undefined ? undefined : new Date(at).toISOString()
