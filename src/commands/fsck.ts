import type { Service } from '../app.ts'
import { UsageError } from './command.ts'
import type { Command } from './command.ts'

type Finding = Parameters<Parameters<Service['fsck']['run']>[0]['onFinding']>[0]

/** In the words of somebody who has to decide what to do. */
const SAYS: Record<Finding['code'], string> = {
  database_broken: 'the database file is damaged',
  row_stray: 'a row whose owner is gone',
  avatar_uncollected: 'a shown avatar is not in its owner\'s collection',
  picture_unrecorded: 'nothing is known of a picture',
  record_unused: 'a record of a picture that its owner does not have',
  size_unrecorded: 'a record does not name this size',
  file_missing: 'a file is missing',
  file_broken: 'a file is not what was written',
  file_unknown: 'a file that no row knows',
  file_foreign: 'a file that was not published',
  staging_leftover: 'a leftover of an upload',
  mail_of_nobody: 'messages to somebody who is gone',
  index_broken: 'the search index is damaged',
  index_row: 'an account is found by something else than what it says',
  contact_row: 'an account is not looked up by its address or its number',
  face_row: 'an avatar is shown by a hash that is not of its owner\'s address, or is not shown although it should be',
  factor_unreadable: 'a second factor that cannot be read: it was sealed with another seal.key',
  count_wrong: 'lists tell another number of accounts than there are',
  check_failed: 'a check could not be finished',
}

export const fsck: Record<string, Command> = {
  fsck: {
    says: 'proves that accounts, pictures and their files agree and are whole; exit 1 when something is left wrong, or was lost',
    flags: {
      'repair': { type: 'boolean', says: 'puts right what can be, tells what is lost by it, and touches nothing that is fine' },
      'without-pictures': { type: 'boolean', says: 'with --repair: also where none of the pictures is there, which takes them from their accounts' },
    },
    run: async (core, { repair, 'without-pictures': without }, { note }) => await examine(core, { repair: repair === true, withoutPictures: without === true, note }),
  },
}

interface Examined { says: string, json: object[], exitCode: number }

/** Proves a service that is open, and tells what was found. */
export async function examine ({ fsck }: Pick<Service, 'fsck'>, { repair, withoutPictures = false, note }: { repair: boolean, withoutPictures?: boolean, note: (line: string) => void }): Promise<Examined> {
  const findings: Finding[] = []
  const { looked, isBesideServer } = await fsck.run({
    repair,
    withoutPictures,
    onFinding: (finding) => { findings.push(finding) },
    onProgress: (files) => note(`${files} files read`),
  }).catch((error: unknown) => {
    if ((error as Error).name !== 'PicturesLostError') throw error
    throw new UsageError(`${(error as Error).message}: put them back, or name the right place for them. --without-pictures repairs all the same, and takes them from their accounts`)
  })
  const repaired = findings.filter(({ isRepaired }) => isRepaired).length
  const lost = findings.filter(({ lost }) => lost !== undefined).length
  const sum = { ...looked, found: findings.length, repaired, lost, left: findings.length - repaired - lost, isBesideServer }
  const lines = [...findings.map(toLine), `${looked.accounts} accounts, ${looked.pictures} pictures, ${looked.files} files: ${verdict(sum)}${isBesideServer ? ' (a server is running: uploads under way were not judged)' : ''}`]
  return { says: lines.join('\n'), json: [...findings, sum], exitCode: sum.left + lost === 0 ? 0 : 1 }
}

function toLine ({ code, kind, name, size, file, userId, detail, isRepaired, lost, why }: Finding): string {
  const picture = name === undefined ? file : `${name}${typeof size === 'number' ? `-${size}` : ''}.webp`
  const where = [kind, picture, userId !== undefined && `user ${userId}`, detail].filter((part) => typeof part === 'string').join(' ')
  const outcome = lost === undefined ? why && `not repaired (${why})` : `lost: ${lost}`
  return [`${SAYS[code]}: ${where}`, isRepaired ? 'repaired' : outcome].filter((part) => part !== undefined).join(', ')
}

function verdict ({ found, repaired, lost, left }: { found: number, repaired: number, lost: number, left: number }): string {
  if (found === 0) return 'all in order'
  if (repaired + lost === 0) return `${found} wrong`
  return `${found} wrong, ${repaired} repaired, ${lost === 0 ? '' : `${lost} lost, `}${left} left`
}
