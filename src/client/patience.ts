/** What says that nothing was done, and that it may be tried again. */
const BUSY = new Set([408, 429, 503])
const FIRST_PAUSE_MS = 250

export interface Patience {
  fetch: (request: Request) => Promise<Response>
  /** For how long a request is tried, in milliseconds. */
  patience: number
}

/**
 * The answer, whole: also when the service says that it should be asked later, starts anew, or goes away in the middle of an
 * upload or a download. What a lost answer may already have done is done again only if `isRepeatable`.
 */
export async function persist (request: Request, isRepeatable: boolean, { fetch, patience }: Patience): Promise<Response> {
  const deadline = Date.now() + patience
  for (let pause = FIRST_PAUSE_MS; ; pause *= 2) {
    const outcome = await whole(fetch, request.clone())
    const isFinal = outcome instanceof Response ? !BUSY.has(outcome.status) : !isRepeatable || request.signal.aborted
    const wait = outcome instanceof Response && Number(outcome.headers.get('retry-after')) * 1_000 || pause
    if (isFinal || Date.now() + wait > deadline) {
      if (outcome instanceof Response) return outcome
      throw outcome.error
    }
    await pass(wait, request.signal)
  }
}

/** Throws the reason of whoever gives up meanwhile. */
async function pass (wait: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const giveUp = () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', giveUp)
      resolve()
    }, wait)
    signal.addEventListener('abort', giveUp, { once: true })
  })
}

/** With its body, which is read here so that one which breaks off is asked for again. */
async function whole (fetch: Patience['fetch'], request: Request): Promise<Response | { error: unknown }> {
  try {
    const response = await fetch(request)
    const body = await response.arrayBuffer()
    return new Response(body.byteLength > 0 ? body : null, response)
  } catch (error) {
    return { error }
  }
}
