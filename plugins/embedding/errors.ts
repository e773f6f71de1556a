import type { FieldError } from '../../src/core/errors.ts'
import { AppError } from '../../src/core/errors.ts'
import type { VisageError } from '../../src/visage.ts'

/** How errors are said, which is the routes' to know. */
export interface Words {
  statusOf: (code: AppError['code']) => number
  say: (finding: FieldError) => { message: string }
}

/** The verbs with their errors in the words that the application around may rely on; what nobody foresaw stays as it is. */
export function inWords<T extends object> (verbs: T, { statusOf, say }: Words): T {
  const told = (error: unknown): unknown => {
    if (!(error instanceof AppError)) return error
    const findings = error.fields.map((finding) => ({ field: finding.field, code: finding.code, message: say(finding).message }))
    const message = findings.map(({ field, message }) => `${field ?? 'input'}: ${message}`).join(' ') || error.code
    return Object.assign(new Error(message, { cause: error }), { name: 'VisageError', code: error.code, statusCode: statusOf(error.code), findings } satisfies Omit<VisageError, 'message'>)
  }
  const telling = (verb: (...args: unknown[]) => Promise<unknown>) => async (...args: unknown[]) => {
    try {
      return await verb(...args)
    } catch (error) {
      throw told(error)
    }
  }
  return Object.fromEntries(Object.entries(verbs).map(([name, verb]) => [name, telling(verb as () => Promise<unknown>)])) as T
}
