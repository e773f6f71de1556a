import type { Service } from '../app.ts'
import type { Config } from '../config.ts'
import type { openOperator } from '../operator.ts'
import { UsageError } from './command.ts'
import type { Means } from './command.ts'

interface Problem { status: number, title: string, detail: string, errors?: { field: string, message: string }[] }

/** Speaks to the native family as the operator. It is built by the first request, because most commands need none. */
export function asOperator (core: Service, config: Config): { ask: Means['ask'], close: () => Promise<void> } {
  let opened: ReturnType<typeof openOperator> | undefined
  const open = async () => await (await import('../operator.ts')).openOperator(core, config)
  return {
    async ask (method, url, payload) {
      const { ask } = await (opened ??= open())
      const form = payload instanceof URLSearchParams
      const { status, body, cause } = await ask({ method, url, ...payload && { payload: form ? payload.toString() : payload }, ...form && { headers: { 'content-type': 'application/x-www-form-urlencoded' } } })
      if (status >= 500) throw new Error(sentenceOf(body as Problem), { cause })
      if (status >= 400) throw new UsageError(sentenceOf(body as Problem))
      return body
    },
    async close () {
      await (await opened)?.close()
    },
  }
}

/** Everything that was found, in one line. */
const sentenceOf = ({ detail, errors = [] }: Problem): string =>
  errors.length === 0 ? detail : errors.map(({ field, message }) => `${field}: ${message}`).join(' ')
