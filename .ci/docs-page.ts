// The documentation in Chromium, as somebody finds it who knows nothing but its address.
import assert from 'node:assert/strict'
import type { Browser, Locator, Page } from 'playwright-core'

const WAIT_MS = 20_000
const ADA = { username: 'ada', email: 'ada@example.com', password: 'correct horse battery' }
const FORM = 'application/x-www-form-urlencoded'
const MULTIPART = 'multipart/form-data'

/** Pixels, for all operations at once: of many the page makes only those that can be seen. */
const HEIGHT = 30_000

interface Operation { operationId: string, tags: string[], security: object[] }
type Lock = 'locked' | 'unlocked' | 'none'

/** Of an operation: none where no credentials are looked at, open where none are needed or they are there, else closed. */
function lockOf ({ security }: Operation, isSignedIn: boolean): Lock {
  if (security.length === 0) return 'none'
  return isSignedIn || security.some((one) => Object.keys(one).length === 0) ? 'unlocked' : 'locked'
}

async function locksOn (page: Page): Promise<Map<string, Lock>> {
  const shown = await page.locator('.opblock').evaluateAll((blocks: { id: string, querySelector: (what: string) => { getAttribute: (name: string) => string | null } | null }[]) => blocks.map((block) =>
    [block.id, block.querySelector('.authorization__btn')?.getAttribute('aria-label')?.split(' ').at(-1) ?? 'none'] as const))
  return new Map(shown as (readonly [string, Lock])[])
}

/** Opens the page without its slash, looks at its locks, signs in, and tries updates out as they are filled in. Resolves to how many locks there are. */
export async function readDocs (browser: Browser, base: string): Promise<number> {
  const { paths } = await (await fetch(`${base}/openapi.json`)).json() as { paths: Record<string, Record<string, Operation>> }
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods))
  const signUp = await fetch(`${base}/api/sign-up/`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(ADA) })
  const { access, user: { id } } = await signUp.json() as { access: string, user: { id: number } }

  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1_280, height: HEIGHT } })
  context.setDefaultTimeout(WAIT_MS)
  const page = await context.newPage()
  await page.goto(`${base}/docs`)
  await page.locator('.opblock').nth(operations.length - 1).waitFor()
  const expectLocks = async (isSignedIn: boolean) => {
    const locks = await locksOn(page)
    for (const operation of operations) assert.equal(locks.get(`operations-${operation.tags[0]}-${operation.operationId}`), lockOf(operation, isSignedIn), operation.operationId)
    return locks.size
  }
  await expectLocks(false)
  assert.match(await page.locator('.btn.authorize').getAttribute('class') ?? '', /\blocked\b/)
  await page.click('.btn.authorize')
  const bearer = page.locator('.auth-container', { hasText: 'bearer' }).first()
  await bearer.locator('input').fill(access)
  await bearer.locator('button[type=submit]').click()
  await page.click('.btn-done')
  assert.match(await page.locator('.btn.authorize').getAttribute('class') ?? '', /\bunlocked\b/)
  const locks = await expectLocks(true)

  await tryOut(page, 'operations-personal-personalUpdateProfile', id, ['application/json', FORM, MULTIPART])
  await tryOut(page, 'operations-community-communityUpdatePartsOfAUser', id, ['application/json', FORM, MULTIPART])
  const now = await (await fetch(`${base}/api/profile/`, { headers: { authorization: `Bearer ${access}` } })).json() as object
  const { username, email, first_name: first, last_name: last } = now as Record<string, string>
  assert.deepEqual({ username, email, first, last }, { username: ADA.username, email: ADA.email, first: 'Ada', last: 'Lovelace' })
  await context.close()
  return locks
}

async function tryOut (page: Page, operation: string, id: number, types: string[]): Promise<void> {
  const block: Locator = page.locator(`#${operation}`)
  await block.locator('.opblock-summary-control').click()
  await block.locator('.try-out__btn').click()
  await block.locator('tr[data-param-name=id] input').fill(String(id))
  for (const type of types) {
    await block.locator('.opblock-section-request-body select').first().selectOption(type)
    await block.locator('.btn.execute').click()
    const status = block.locator('.live-responses-table .response .response-col_status')
    await status.waitFor()
    assert.equal((await status.textContent())?.trim(), '200', `${operation} as ${type}: ${await block.locator('.live-responses-table').textContent()}`)
    assert.doesNotMatch(await block.locator('.curl-command').textContent() ?? '', /string/, `${operation} as ${type}`)
    await block.locator('.btn-clear').click()
  }
  await block.locator('.opblock-summary-control').click()
}
