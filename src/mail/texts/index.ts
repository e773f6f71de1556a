import type { Template } from '../../core/mail/messages.ts'
import { DE } from './de.ts'
import { EN } from './en.ts'

/** What a message says, in plain text; the HTML is made of the same lines. */
interface Texts { subject: string, text: string }

/** Every message in one language. Short lines stay readable in the raw message. */
export type Catalogue = Record<Template, Texts>

/** The templates as they come; an operator overrides them by files. */
export const CATALOGUES = { en: EN, de: DE }

export type Language = keyof typeof CATALOGUES

/** In which language somebody is written to, by the primary subtag of theirs: `de-AT` is German. English where there is no other. */
export function languageOf (tag = ''): Language {
  const [primary = ''] = tag.toLowerCase().split('-')
  return Object.hasOwn(CATALOGUES, primary) ? primary as Language : 'en'
}

/** Where a link of a template leads, below the address for links. */
export const LINKS: Partial<Record<Template, string>> = {
  'confirm-email': '/confirm-email?code={{code}}',
  'change-email': '/change-email?code={{code}}',
  'reset-password': '/reset-password?code={{code}}',
  'revert-email': '/revert-email?code={{code}}',
  'invitation': '/accept-invitation?code={{code}}',
}
