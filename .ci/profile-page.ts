/** The profile page of examples/, on an origin of its own in Chromium, as a person uses it and as axe judges it; and its client in two tabs. */
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import { createVisage } from '../src/client/index.ts'
import { noise } from '../test/images/pictures.ts'
import { openBrowser } from './chromium.ts'
import { checkTabs } from './client-tabs.ts'
import { startService } from './service.ts'
import type { Service } from './service.ts'
import { startSite } from './site.ts'

const root = join(import.meta.dirname, '..')
const AXE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'))
const CLIENT = join(root, 'src/client/index.ts')
/** Longer than a burst may take on a busy machine. */
const ACCESS_TTL_S = 5
const WAIT_MS = 15_000
const ADA = { username: 'ada', email: 'ada@example.com', password: 'correct horse battery' }

/** What a run has started, the last first to end. */
const endings: (() => Promise<unknown>)[] = []

async function makeSite (folder: string): Promise<void> {
  mkdirSync(folder)
  cpSync(join(root, 'examples/profile-page/index.html'), join(folder, 'index.html'))
  writeFileSync(join(folder, 'blank.html'), '<!doctype html><title>Visage</title><link rel="icon" href="data:,">')
  writeFileSync(join(folder, 'noise.png'), await noise('png', 1_000, 1_000))
  const entryPoints = { page: join(root, 'examples/profile-page/page.ts'), client: CLIENT }
  await build({ entryPoints, outdir: folder, alias: { 'visage/client': CLIENT }, bundle: true, minify: true, format: 'esm', target: 'es2022', logLevel: 'error' })
}

/** What axe finds in the page as it is. */
async function judge (page: Page, name: string): Promise<void> {
  const found = await page.evaluate<{ id: string, nodes: { html: string }[] }[]>('axe.run().then(({ violations }) => violations)')
  assert.deepEqual(found.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`), [], `axe, ${name}`)
}

async function submit (page: Page, form: string, values: Record<string, string> = {}): Promise<string> {
  for (const [name, value] of Object.entries(values)) await page.fill(`#${form} [name=${name}]`, value)
  await page.click(`#${form} button`)
  await page.waitForSelector(`#${form}[aria-busy=false]`, { state: 'attached' })
  return await page.textContent(`#${form} [role=alert]`) ?? ''
}

/** Turns a second factor on, and answers with a code that stands in for it once. */
async function turnOnSecondFactor (api: string): Promise<string> {
  const visage = createVisage({ baseUrl: api })
  await visage.POST('/v1/sign-in', { body: { login: ADA.username, password: ADA.password } })
  await visage.POST('/v1/proof', { body: { password: ADA.password } })
  const { data: offer } = await visage.POST('/v1/me/second-factor')
  const { data: confirmed } = await visage.POST('/v1/me/second-factor/confirm', { body: { code: new TOTP({ secret: offer?.secret ?? '' }).generate() } })
  return confirmed?.recoveryCodes[0] ?? ''
}

async function useThePage (one: Page, other: Page, api: string): Promise<void> {
  await one.waitForSelector('#signed-out', { state: 'visible' })
  await judge(one, 'signed out')
  assert.match(await submit(one, 'sign-up', { ...ADA, password: 'short' }), /^password: /)
  assert.equal(await submit(one, 'sign-up', ADA), '')
  await one.waitForSelector('#signed-in', { state: 'visible' })
  await other.reload()
  await other.waitForSelector('#signed-in', { state: 'visible' })

  await one.setInputFiles('[name=avatar]', { name: 'ada.png', mimeType: 'image/png', buffer: await noise('png', 300, 200) })
  await one.waitForFunction(`preview.src.startsWith('blob:') && preview.naturalWidth === 300`)
  assert.equal(await submit(one, 'profile', { realName: 'Ada Lovelace', bio: 'Wrote the first program.' }), '')
  assert.equal(await one.textContent('#name'), 'Ada Lovelace')
  await one.waitForFunction(`preview.src.startsWith('${api}/media/avatars/') && preview.naturalWidth === 128`)
  await judge(one, 'signed in')

  // Whoever was not quick enough is told, and may say it again.
  assert.match(await submit(other, 'profile', { realName: 'Augusta' }), /changed/i)
  assert.equal(await submit(other, 'profile', { realName: 'Ada King' }), '')

  const recovery = await turnOnSecondFactor(api)
  assert.equal(await submit(one, 'sign-out'), '')
  for (const tab of [one, other]) await tab.waitForSelector('#signed-out', { state: 'visible' })
  assert.equal(await submit(one, 'sign-in', { login: ADA.email, password: ADA.password }), '')
  await one.waitForSelector('#second-factor', { state: 'visible' })
  await judge(one, 'second factor')
  assert.notEqual(await submit(one, 'second-factor', { code: '000000' }), '')
  assert.equal(await submit(one, 'second-factor', { code: recovery }), '')
  await one.waitForSelector('#signed-in', { state: 'visible' })
  assert.equal(await one.textContent('#name'), 'Ada King')
}

async function check (home: string): Promise<object> {
  const folder = join(home, 'site')
  await makeSite(folder)
  const site = await startSite(folder)
  endings.unshift(site.end)
  const start = async (port = '0') => await startService({ dataDir: join(home, 'data'), settings: { VISAGE_CORS_ORIGINS: site.origin, VISAGE_ACCESS_TTL: `${ACCESS_TTL_S}s`, VISAGE_PORT: port } })
  let service: Service = await start()
  endings.unshift(async () => await service.end('SIGTERM'))
  site.settings['api'] = service.url
  const browser = await openBrowser(home)
  endings.unshift(async () => { await browser.close() })

  const context = await browser.newContext()
  context.setDefaultTimeout(WAIT_MS)
  // By the protocol, because it stands in no page.
  await context.addInitScript({ path: AXE })
  const [one, other] = [await context.newPage(), await context.newPage()]
  const complaints: string[] = []
  for (const page of [one, other]) {
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(site.origin)
  }
  await useThePage(one, other, service.url)
  assert.deepEqual(complaints, [])

  await checkTabs(await browser.newContext(), {
    origin: site.origin,
    service,
    accessTtl: ACCESS_TTL_S * 1_000,
    async restart () {
      await service.end('SIGKILL')
      service = await start(new URL(service.url).port)
    },
  })
  return { chromium: browser.version() }
}

const began = performance.now()
const home = mkdtempSync(join(tmpdir(), 'visage-page-'))
try {
  const told = await check(home)
  console.log(JSON.stringify({ ...told, seconds: Math.round((performance.now() - began) / 100) / 10 }))
} catch (error) {
  console.error(`FAILURE: ${(error as Error).message}`)
  process.exitCode = 1
} finally {
  for (const ending of endings) await ending().catch((error: unknown) => console.error(error))
  rmSync(home, { recursive: true, force: true })
}
