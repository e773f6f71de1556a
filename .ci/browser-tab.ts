// A tab of a browser with the front end in it, as a person uses it: what they fill in, what they read, and what the console
// holds that they do not.
import type { BrowserContext, Page, Request } from 'playwright-core'

export const REFRESH = '/api/token/refresh/'

export interface Tab {
  page: Page
  /** What the console was told, as `400 /api/profile/{id}/update/` where an answer is at fault. */
  complaints: string[]
  /** The refreshes that were sent, the oldest first. */
  refreshes: Request[]
  /** Fills in some of a form, sends it, and resolves when the page is done with the answer. */
  submit: (form: string, values?: Record<string, string>) => Promise<void>
  /** Resolves when nothing is under way. */
  settled: () => Promise<void>
  /** What stands beside the field of a form; `detail` is what stands below the form. */
  words: (form: string, field: string) => Promise<string>
  isSignedIn: () => Promise<boolean>
}

export async function openTab (context: BrowserContext, origin: string): Promise<Tab> {
  const page = await context.newPage()
  const complaints: string[] = []
  const refreshes: Request[] = []
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    const fault = /^Failed to load resource: (?:the server responded with a status of (\d+)|net::(\w+))/.exec(message.text())
    complaints.push(fault === null ? message.text() : `${fault[1] ?? fault[2]} ${new URL(message.location().url).pathname.replace(/\d+/, '{id}')}`)
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => { if (request.method() === 'POST' && request.url().endsWith(REFRESH)) refreshes.push(request) })

  const settled = async () => { await page.waitForSelector('body[aria-busy=false]', { state: 'attached' }) }

  await page.goto(origin)
  await settled()
  return {
    page,
    complaints,
    refreshes,
    settled,

    async submit (form, values = {}) {
      // Pages behind others are drawn once a second, and clicks wait for that.
      await page.bringToFront()
      for (const [name, value] of Object.entries(values)) {
        const input = page.locator(`#${form} [name=${name}]`)
        if (await input.getAttribute('type') === 'file') await input.setInputFiles(value)
        else await input.fill(value)
      }
      await page.click(`#${form} button`)
      await settled()
    },

    words: async (form, field) => (await page.textContent(`#${form} [data-says~=${field}]`)) ?? '',
    isSignedIn: () => page.isVisible('[data-when=signed-in]'),
  }
}
