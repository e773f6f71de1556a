// Two tabs that hold one refresh token and need a new pair: at the same moment, and after an answer that never came.
import { REFRESH } from './browser-tab.ts'
import type { Tab } from './browser-tab.ts'

/** How many rounds may come to nothing because one tab was done before the other began, for each that counts. */
const PATIENCE = 3

/** In so many rounds both tabs send the same token, the first few times because the access token has expired. */
export async function refreshTogether (tabs: [Tab, Tab], { rounds, expiring }: { rounds: number, expiring: number }): Promise<void> {
  let left = rounds * PATIENCE
  for (let round = 0; round < rounds; left--) {
    if (left === 0) throw new Error('the tabs hardly ever refresh at the same moment')
    if (round < expiring) await expire(tabs[0])
    // As it is after a restart of the browser, for front ends that hold the access token in memory.
    else await tabs[0].page.evaluate("localStorage.removeItem('access')")
    const answers = await readTogether(tabs)
    if (answers === undefined) continue
    round++
    const areSignedIn = await Promise.all(tabs.map((tab) => tab.isSignedIn()))
    if (answers.every((answer) => answer.startsWith('200')) && areSignedIn.every(Boolean)) continue
    throw new Error(`round ${round}: two tabs refreshed at the same moment with the same token and were answered ${answers.join(' and ')}; ${areSignedIn.filter(Boolean).length} of 2 are still signed in`)
  }
}

/** Waits until the access token counts no longer. */
export async function expire ({ page }: Tab): Promise<void> {
  const access = await page.evaluate<string>("localStorage.getItem('access')")
  const { exp } = JSON.parse(Buffer.from(access.split('.')[1] ?? '', 'base64url').toString()) as { exp: number }
  await page.waitForFunction(`Date.now() > ${exp * 1_000}`)
}

/** Has both tabs read the profile, and tells what the first refresh of each was answered; undefined when they did not send the same token. */
async function readTogether (tabs: [Tab, Tab]): Promise<string[] | undefined> {
  for (const { page, refreshes } of tabs) {
    refreshes.length = 0
    await page.evaluate("hasBegun = false; new BroadcastChannel('begin').onmessage = ({ target }) => { document.querySelector('#again').requestSubmit(); hasBegun = true; target.close() }; undefined")
  }
  await tabs[0].page.evaluate("const channel = new BroadcastChannel('begin'); channel.postMessage(null); channel.close()")
  await Promise.all(tabs.map(async ({ page, settled }) => {
    await page.waitForFunction('hasBegun')
    await settled()
  }))
  const [one, other] = tabs.map(({ refreshes }) => refreshes[0])
  if (one === undefined || other === undefined || one.postData() !== other.postData()) return undefined
  return await Promise.all([one, other].map(async (request) => {
    const response = await request.response()
    return response === null ? 'not at all' : `${response.status()}${response.ok() ? '' : ` ${await response.text()}`}`
  }))
}

/** The service answers a refresh, and the answer is lost on its way: the tab still holds the spent token, and sends it again. */
export async function refreshAgain (tab: Tab): Promise<void> {
  const { page, refreshes } = tab
  refreshes.length = 0
  await page.evaluate("localStorage.removeItem('access')")
  // Not by `page.route`, which would answer the browser's preflights itself from then on.
  const devtools = await page.context().newCDPSession(page)
  const lost = new Promise<number | undefined>((resolve, reject) => {
    devtools.on('Fetch.requestPaused', ({ requestId, request: { method }, responseStatusCode }) => {
      if (method === 'POST') devtools.send('Fetch.failRequest', { requestId, errorReason: 'ConnectionReset' }).then(() => resolve(responseStatusCode), reject)
      else devtools.send('Fetch.continueResponse', { requestId }).catch(reject)
    })
  })
  await devtools.send('Fetch.enable', { patterns: [{ urlPattern: `*${REFRESH}`, requestStage: 'Response' }] })
  await tab.submit('again')
  const status = await lost
  await devtools.detach()
  const words = await tab.words('again', 'detail')
  if (status !== 200 || !words.includes('cannot be reached')) throw new Error(`an answer of ${status} was to be lost, and the page says "${words}"`)

  await tab.submit('again')
  const [first, second] = refreshes
  const answer = await second?.response()
  if (first === undefined || first.postData() !== second?.postData()) throw new Error('the tab did not send the same token again')
  if (answer?.status() !== 200 || !await tab.isSignedIn()) throw new Error(`a refresh whose answer was lost was repeated and answered ${answer?.status()} ${await answer?.text()}`)
}
