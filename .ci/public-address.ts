// One public address, everywhere: behind nginx, which ends TLS and strips a path, a client that knows only this address
// follows everything that it is told, and the documentation works in Chromium.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { walk } from '../test/walk.ts'
import { openBrowser } from './chromium.ts'
import { readDocs } from './docs-page.ts'
import { freePort, startNginx } from './nginx.ts'
import { createPeople, startService } from './service.ts'

const PATH = '/people/'

const home = mkdtempSync(join(tmpdir(), 'visage-address-'))
/** What a run has started, the last first to end. */
const endings: (() => Promise<unknown>)[] = []

async function check (): Promise<void> {
  const dataDir = join(home, 'data')
  const [staff] = await createPeople(dataDir, 1)
  const port = await freePort()
  const base = `https://localhost:${port}${PATH.slice(0, -1)}`
  const service = await startService({ dataDir, settings: { VISAGE_PUBLIC_URL: base, VISAGE_TRUST_PROXY: '127.0.0.1' } })
  endings.unshift(() => service.end('SIGTERM'))
  const nginx = await startNginx({ folder: join(home, 'nginx'), port, path: PATH, behind: service.url })
  endings.unshift(nginx.end)
  setDefaultCACertificates([...getCACertificates(), nginx.certificate])

  const followed = await walk({ base, dataDir, admin: { authorization: `Token ${staff?.key}` } })
  console.log(`${followed.size} addresses below ${base} were followed`)

  const browser = await openBrowser(home)
  endings.unshift(() => browser.close())
  console.log(`the documentation has ${await readDocs(browser, base)} operations with the right locks, and what it fills in is accepted`)
}

try {
  await check()
} catch (error) {
  console.error('FAILURE:', error)
  process.exitCode = 1
} finally {
  for (const end of endings) await end()
  rmSync(home, { recursive: true, force: true })
}
