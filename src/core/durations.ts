const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const

/** What settings and commands write a time as, and how that is called. */
export const DURATION = '[1-9][0-9]{0,8}[smhd]'
export const DURATION_SAYS = 'a whole number and s, m, h or d'

/** The seconds of a text like `15m`; undefined when it is none. */
export function toSeconds (text: string): number | undefined {
  if (!new RegExp(`^${DURATION}$`).test(text)) return undefined
  return parseInt(text) * SECONDS[text.slice(-1) as keyof typeof SECONDS]
}
