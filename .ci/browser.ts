// A front end on another origin, in Chromium: what its owner sees when they sign in, save, upload and are refused, and that
// nobody is signed out by two tabs that refresh at once. Every request is the browser's own, with its preflights.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { refreshAgain, refreshTogether } from './browser-refreshes.ts'
import { openTab, REFRESH } from './browser-tab.ts'
import type { Tab } from './browser-tab.ts'
import { saveStale, TAKEN, upload } from './browser-uploads.ts'
import { openBrowser } from './chromium.ts'
import { createPeople, startService } from './service.ts'
import { startSite } from './site.ts'

const FRONT_END = join(import.meta.dirname, 'front-end')
const AS_THE_PAGE = "import('/session.js')"
const ROUNDS = 10
const EXPIRING = 3
const ACCESS_TTL = '3s'
const WAIT_MS = 15_000
/** Of the whole check, in which a page may wait for an answer that never comes. */
const MOST_MS = 120_000
/** Whom `createPeople` makes first. */
const SOMEBODY = 'w0-0'
const ADA = { username: 'ada', email: 'ada@example.com', password: 'correct horse battery' }

/** What a run has started, the last first to end. */
const endings: (() => Promise<void>)[] = []

async function signIn (tab: Tab): Promise<string[]> {
  await tab.submit('sign-up', { ...ADA, username: SOMEBODY })
  assert.equal(await tab.words('sign-up', 'username'), TAKEN)
  await tab.submit('sign-up', ADA)
  assert.ok(await tab.isSignedIn(), 'sign-up did not sign in')
  await tab.submit('sign-out')
  await tab.submit('sign-in', { email: ADA.email, password: 'wrong horse battery' })
  assert.equal(await tab.words('sign-in', 'password'), 'Invalid password')
  await tab.submit('sign-in', { email: ADA.email, password: ADA.password })
  assert.ok(await tab.isSignedIn(), 'the right password did not sign in')
  return ['400 /api/sign-up/', '400 /api/sign-in/']
}

/** A page of an origin that the service does not list learns nothing, not even what everybody may know. */
async function refuse (tab: Tab, api: string): Promise<void> {
  await tab.submit('sign-in', { email: ADA.email, password: ADA.password })
  assert.match(await tab.words('sign-in', 'detail'), /^The service cannot be reached/)
  assert.equal(await tab.page.evaluate(`fetch('${api}/api/limits/').then(({ status }) => status, ({ name }) => name)`), 'TypeError')
  const refused = tab.complaints.filter((text) => text.includes('blocked by CORS policy'))
  assert.equal(refused.length, 2, `the console of the other origin holds ${JSON.stringify(tab.complaints)}`)
}

/** Whoever guesses is told how long to wait. */
async function guess (tab: Tab): Promise<void> {
  let words = ''
  for (let tries = 0; tries < 6 && !words.includes('too often'); tries++) {
    await tab.submit('sign-in', { email: ADA.email, password: 'wrong horse battery' })
    words = await tab.words('sign-in', 'detail')
  }
  assert.match(words, /^That was tried too often. Try again in [1-9]\d* seconds/)
}

/** When the session is over, a page says so instead of asking again and again. */
async function endSession (one: Tab, other: Tab): Promise<string[]> {
  await one.page.evaluate(`${AS_THE_PAGE}.then(({ requestAs }) => requestAs('DELETE', '/api/profile/sessions/'))`)
  await other.submit('again')
  assert.equal(await other.words('sign-in', 'detail'), 'You have been signed out. Sign in again.')
  assert.ok(!await other.isSignedIn(), 'a page shows a profile without a session')
  return [`401 ${REFRESH}`]
}

/** Ends everything that was started, whatever of it fails. */
async function end (): Promise<void> {
  for (const ending of endings) await ending().catch((error: unknown) => console.error(error))
}

async function check (home: string): Promise<object> {
  const dataDir = join(home, 'data')
  await createPeople(dataDir, 1)
  const [site, stranger] = await Promise.all([startSite(FRONT_END), startSite(FRONT_END)])
  endings.unshift(site.end, stranger.end)
  const service = await startService({ dataDir, settings: { VISAGE_CORS_ORIGINS: site.origin, VISAGE_ACCESS_TTL: ACCESS_TTL, VISAGE_RATE_LIMIT: 'on' } })
  endings.unshift(async () => { await service.end('SIGTERM') })
  for (const { settings } of [site, stranger]) settings['api'] = service.url

  const browser = await openBrowser(home)
  endings.unshift(() => browser.close())
  const context = await browser.newContext()
  context.setDefaultTimeout(WAIT_MS)
  const one = await openTab(context, site.origin)
  const provoked = await signIn(one)
  const other = await openTab(context, site.origin)
  assert.ok(await other.isSignedIn(), 'a second tab is not signed in')
  await refreshTogether([one, other], { rounds: ROUNDS, expiring: EXPIRING })
  await refreshAgain(one)
  provoked.push(`ERR_CONNECTION_RESET ${REFRESH}`)
  provoked.push(...await upload(one, { api: service.url, taken: SOMEBODY, folder: home }), ...await saveStale(other))
  await refuse(await openTab(context, stranger.origin), service.url)
  await guess(await openTab(await browser.newContext(), site.origin))

  for (const tab of [one, other]) {
    await tab.submit('again')
    assert.ok(await tab.isSignedIn(), 'somebody was signed out')
  }
  const sessions = await one.page.evaluate<unknown[]>(`${AS_THE_PAGE}.then(({ requestAs }) => requestAs('GET', '/api/profile/sessions/')).then(({ answer }) => answer)`)
  assert.equal(sessions.length, 1, `there are ${sessions.length} sessions`)
  provoked.push(...await endSession(one, other))
  // That an access token has expired is no fault; browsers complain all the same.
  const complaints = [one, other].flatMap((tab) => tab.complaints).filter((text) => !text.startsWith('401') || text.endsWith(REFRESH))
  assert.deepEqual(complaints.sort(), provoked.sort())
  return { chromium: browser.version(), rounds: ROUNDS, sessions: sessions.length, provoked: provoked.length }
}

const began = performance.now()
const home = mkdtempSync(join(tmpdir(), 'visage-browser-'))
try {
  const told = await Promise.race([check(home), sleep(MOST_MS, undefined, { ref: false }).then(() => { throw new Error(`it takes longer than ${MOST_MS} ms`) })])
  console.log(JSON.stringify({ ...told, seconds: Math.round((performance.now() - began) / 100) / 10 }))
} catch (error) {
  console.error(`FAILURE: ${(error as Error).message}`)
  process.exitCode = 1
} finally {
  await end()
  rmSync(home, { recursive: true, force: true })
}
