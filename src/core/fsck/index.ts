import { areLost, PicturesLostError } from '../pictures/lost-pictures.ts'
import { checkFactors } from './factors.ts'
import { checkMedia, checkPictures } from './files.ts'
import { createMending } from './mending.ts'
import { apart, createRound } from './round.ts'
import type { Finding, Needs, Round } from './round.ts'
import { checkContacts, checkCount, checkEngine, checkFaces, checkRecords, checkSearch, checkUnrecorded } from './rows.ts'

export type { Finding } from './round.ts'

export interface Options {
  /** Puts right what can be put right. */
  repair?: boolean
  /** Also where none of the pictures is there, and all of them are taken from their accounts. */
  withoutPictures?: boolean
  onFinding: (finding: Finding) => void
  /** Every so many files. */
  onProgress?: (files: number) => void
}

export interface Report {
  /** A server was running: what it may be at work on was not judged. */
  isBesideServer: boolean
  looked: Round['looked']
}

const PROGRESS = 10_000

/** Proves that rows and files agree, and that the database is whole; or says where not. */
export function createFsck (needs: Needs) {
  return {
    /** Where no server runs, none can start before this is done. Throws a PicturesLostError where a repair would take all pictures away. */
    async run ({ repair = false, withoutPictures = false, onFinding, onProgress = () => {} }: Options): Promise<Report> {
      const lock = await needs.db.lock()
      try {
        if (repair && !withoutPictures && await areLost(needs)) throw new PicturesLostError()
        let [isIndexWhole, files] = [true, 0]
        const round = createRound(needs, {
          isAlone: lock !== undefined,
          repair,
          onFile () { if (++files % PROGRESS === 0) onProgress(files) },
          onFinding (finding) {
            if (finding.code === 'index_broken' && !finding.isRepaired) isIndexWhole = false
            onFinding(finding)
          },
        })
        // In a damaged file nothing else that is found means anything.
        if (await checkEngine(round)) {
          await checkFolder(round)
          await apart(round, 'search index', () => checkSearch(round, isIndexWhole))
        }
        return { isBesideServer: !round.isAlone, looked: round.looked }
      } finally {
        await lock?.release()
      }
    },
  }
}

async function checkFolder (round: Round): Promise<void> {
  const mending = createMending(round)
  await apart(round, 'records of pictures', () => checkRecords(round, mending))
  await apart(round, 'pictures', () => checkPictures(round, mending))
  await apart(round, 'pictures without a record', () => checkUnrecorded(round, mending))
  await apart(round, 'media folder', () => checkMedia(round))
  if (round.isAlone) await apart(round, 'staging', () => checkStaging(round))
  await apart(round, 'mails', () => checkMails(round))
  await apart(round, 'hashes of addresses', () => checkFaces(round))
  await apart(round, 'second factors', () => checkFactors(round))
  await apart(round, 'addresses and numbers', () => checkContacts(round))
  await apart(round, 'number of accounts', () => checkCount(round))
}

/** Nobody is left who could want what lies there. */
async function checkStaging ({ images, found }: Round): Promise<void> {
  let swept: Promise<void> | undefined
  for (const file of await images.inspection.staged()) await found({ code: 'staging_leftover', file }, () => swept ??= images.sweepStaging())
}

/** Messages to people who are gone for good. */
async function checkMails ({ mail, found, settle }: Round): Promise<void> {
  if ((await mail.ownersGone()).length === 0) return
  await settle()
  for (const userId of await mail.ownersGone()) await found({ code: 'mail_of_nobody', userId }, () => mail.forget([userId]))
}
