// The client in two tabs that share a session: what only browsers can tell.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BrowserContext, Page } from 'playwright-core'
import { createVisage } from '../src/client/index.ts'
import type { Service } from './service.ts'

const GRACE = { username: 'grace', email: 'grace@example.com', password: 'a nanosecond of wire' }
const BURST = 10

/** A tab whose `visage` is a client, and whose `told` counts how often it was told that nobody is signed in any more. */
async function openTab (context: BrowserContext, origin: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${origin}/blank.html`)
  await page.evaluate(`(async () => {
    const { createVisage } = await import('/client.js')
    const { api } = await (await fetch('/settings.json')).json()
    window.visage = createVisage({ baseUrl: api })
    window.told = 0
    visage.onSignedOut(() => { told++ })
  })()`)
  return page
}

const inAll = async <T>(tabs: Page[], code: string) => await Promise.all(tabs.map(async (tab) => await tab.evaluate<T>(code)))
const read = (count: number) => `Promise.all(Array.from({ length: ${count} }, async () => (await visage.GET('/v1/me')).response.status))`

/** `accessTtl` in milliseconds; `restart` kills the service and starts it anew at the same address. */
export async function checkTabs (context: BrowserContext, { origin, service, accessTtl, restart }: { origin: string, service: Service, accessTtl: number, restart: () => Promise<void> }): Promise<void> {
  const tabs = [await openTab(context, origin), await openTab(context, origin)]
  const [one] = tabs as [Page, Page]
  let refreshes = 0
  context.on('request', (request) => { if (request.method() === 'POST' && request.url().endsWith('/v1/refresh')) refreshes++ })
  assert.equal(await one.evaluate(`visage.POST('/v1/sign-up', { body: ${JSON.stringify(GRACE)} }).then(({ response }) => response.status)`), 201)
  // What one tab stores the other sees a moment later.
  for (const tab of tabs) await tab.waitForFunction('visage.isSignedIn()')

  await sleep(accessTtl)
  refreshes = 0
  assert.deepEqual(new Set((await inAll<number[]>(tabs, read(BURST))).flat()), new Set([200]), 'a request in the burst failed')
  assert.equal(refreshes, 1, `${refreshes} refreshes`)

  const uploading = one.waitForRequest((request) => request.method() === 'PUT')
  const uploaded = one.evaluate(`(async () => {
    const picture = await (await fetch('/noise.png')).blob()
    const { response, error } = await visage.upload('/v1/me/avatar', new File([picture], 'noise.png', { type: 'image/png' }))
    return [response.status, error?.code]
  })()`)
  await uploading
  await restart()
  const [status, code] = await uploaded as [number, string?]
  // It may have been stored before the service died, and its answer lost.
  assert.ok(status === 200 || (status === 412 && code === 'precondition_failed'), `the upload across a restart: ${status} ${code}`)
  const [downloads] = await Promise.all([inAll<number[]>(tabs, read(BURST)), restart()])
  assert.deepEqual(new Set(downloads.flat()), new Set([200]), 'a request across a restart failed')
  assert.deepEqual(await inAll(tabs, 'told'), [0, 0], 'somebody was signed out')

  const elsewhere = createVisage({ baseUrl: service.url })
  await elsewhere.POST('/v1/sign-in', { body: { login: GRACE.username, password: GRACE.password } })
  assert.equal((await elsewhere.DELETE('/v1/me/sessions', { params: { query: { others: 'true' } } })).response.status, 204)
  assert.deepEqual(new Set((await inAll<number[]>(tabs, read(3))).flat()), new Set([401]))
  for (const tab of tabs) await tab.waitForFunction('told > 0')
  assert.deepEqual(await inAll(tabs, 'told'), [1, 1])
  assert.deepEqual(await inAll(tabs, 'visage.isSignedIn()'), [false, false])
  for (const tab of tabs) await tab.close()
}
