import type { Catalogue } from './catalogue.ts'
import { de } from './de.ts'
import { en } from './en.ts'

const CATALOGUES: Record<string, Catalogue> = { en, de }

/** The catalogue of the language that the reader likes best, of those there are; English for any other. */
export function catalogueFor (acceptLanguage = ''): Catalogue {
  const wanted = acceptLanguage.split(',').map((range) => {
    const [tag = '', ...params] = range.split(';').map((part) => part.trim().toLowerCase())
    const q = params.find((param) => param.startsWith('q='))
    return { language: tag.split('-')[0] ?? '', weight: q === undefined ? 1 : Number(q.slice(2)) || 0 }
  })
  const [best] = wanted.filter(({ language, weight }) => weight > 0 && Object.hasOwn(CATALOGUES, language)).sort((a, b) => b.weight - a.weight)
  return CATALOGUES[best?.language ?? 'en'] ?? en
}
