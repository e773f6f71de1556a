import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp, openService, OPERATOR } from '../app.ts'
import type { Config } from '../config.ts'
import { restore } from '../backup/restore.ts'
import { inWords } from '../backup/trouble.ts'
import { loadConfig } from '../config.ts'
import type { Flags, Said } from './command.ts'
import { telling } from './progress.ts'

/** What a drill found out. */
interface Drilled { success: 0 | 1, ageSeconds: number, drillSeconds: number, accounts: number, files: number, findings: number, signIn: 0 | 1, timestampSeconds: number }

/** Restores a backup into a folder of its own, which sends no emails, and uses it. */
export async function drill ({ dataDir, sealKey }: Config, dir: string, flags: Flags, note: (line: string) => void): Promise<Said> {
  const began = Date.now()
  const folder = mkdtempSync(join(tmpdir(), 'visage-drill-'))
  try {
    const key = join(dataDir, 'seal.key')
    const given = sealKey === undefined ? {} : { sealKey }
    if (existsSync(key)) copyFileSync(key, join(folder, 'seal.key'))
    const restored = await telling(note, (onProgress) => restore(dir, { dataDir: folder, onProgress, ...given, ...typeof flags.generation === 'string' && { generation: flags.generation } }))
    const isSealed = restored.seal !== 'none'
    const { looked, findings, signsIn } = await use(folder, isSealed, given)
    const result: Drilled = {
      success: findings === 0 && signsIn ? 1 : 0,
      ageSeconds: Math.round((began - Date.parse(restored.manifest.made)) / 1_000),
      drillSeconds: (Date.now() - began) / 1_000,
      accounts: looked.accounts,
      files: looked.files,
      findings,
      signIn: signsIn ? 1 : 0,
      timestampSeconds: Math.round(began / 1_000),
    }
    if (typeof flags.figures === 'string') writeFigures(flags.figures, result)
    const says = `${restored.generation}, ${result.ageSeconds} s old: ${looked.accounts} accounts and ${looked.files} files restored in ${result.drillSeconds.toFixed(1)} s; fsck found ${findings === 0 ? 'nothing' : findings}; a sign-in ${signsIn ? 'worked' : 'failed'}${isSealed ? '' : '; without seal.key, so that second factors were not tried'}`
    return { says, json: { generation: restored.generation, ...result }, exitCode: result.success === 1 ? 0 : 1 }
  } catch (error) {
    throw inWords(folder, error)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Looks at everything, and signs in as somebody who is in that folder alone. */
async function use (folder: string, isSealed: boolean, given: Pick<Config, 'sealKey'>) {
  const username = `drill-${randomBytes(6).toString('hex')}`
  const password = randomBytes(18).toString('base64url')
  const core = await openService({ config: { ...loadConfig(), ...given, dataDir: folder }, exclusive: false, hasNewSeal: !isSealed })
  let findings = 0
  let looked
  try {
    if (!isSealed) await core.sealReset.run();
    ({ looked } = await core.fsck.run({ onFinding: () => { findings++ } }))
    await core.users.create(OPERATOR, { username, password }, { family: 'operator' })
  } finally {
    await core.close()
  }
  const app = await buildApp({ ...given, dataDir: folder, logLevel: 'silent' })
  try {
    const { statusCode } = await app.inject({ method: 'POST', url: '/api/token/', payload: { username, password } })
    return { looked, findings, signsIn: statusCode === 200 }
  } finally {
    await app.close()
  }
}

/** In one step, because the collector may read it at any time. */
function writeFigures (file: string, result: Drilled): void {
  const lines = Object.entries(result).map(([name, value]) => `visage_backup_drill_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)} ${value}\n`)
  try {
    writeFileSync(`${file}.new`, lines.join(''))
    renameSync(`${file}.new`, file)
  } catch (error) {
    rmSync(`${file}.new`, { force: true })
    throw inWords(file, error)
  }
}
