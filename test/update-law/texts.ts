/** How a text of several lines is stored (DESIGN §9): NFC, trimmed. */
export const lines = (text: string): string => text.normalize('NFC').trim()

const FLAG = new RegExp('^\\p{RGI_Emoji_Tag_Sequence}', 'v')
const isUnseen = (point: string): boolean => /[\p{Default_Ignorable_Code_Point}\p{Cc}]/u.test(point) && !/[\s\0]/.test(point)

/** Whether a selector says which form the letter before it has. */
const isForm = (before: string, point: string): boolean =>
  (/\p{Emoji}/u.test(before) && /[\ufe0e\ufe0f]/.test(point)) || (/\p{Unified_Ideograph}/u.test(before) && /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u.test(point)) ||
  (/\p{Script=Mongolian}/u.test(before) && /[\u180b-\u180d\u180f]/.test(point))

/** The places of direction marks that have a partner: for each that ends something, the nearest before it that is still open. */
function partners (points: string[]): Set<number> {
  const found = new Set<number>()
  let open: number[] = []
  for (const [at, point] of points.entries()) {
    if (/[\u202a\u202b\u202d\u202e\u2066-\u2068]/.test(point)) open.push(at)
    const isIsolate = (place: number) => /[\u2066-\u2068]/.test(points[place] ?? '')
    const partner = point === '\u202c' ? open.slice(-1).find((place) => !isIsolate(place)) : point === '\u2069' ? open.findLast(isIsolate) : undefined
    if (partner === undefined) continue
    found.add(partner).add(at)
    open = open.filter((place) => place < partner)
  }
  return found
}

/** The same for one line: without what nobody sees, but for joiners and direction marks that have a partner. */
export function line (text: string): string {
  const points = [...text]
  const paired = partners(points)
  let kept = ''
  for (let at = 0; at < points.length; at++) {
    const point = points[at] as string
    const flag = [...FLAG.exec(points.slice(at, at + 12).join(''))?.[0] ?? '']
    const isSeen = !isUnseen(point) || /[\u200c\u200d]/.test(point) || paired.has(at) || isForm(points[at - 1] ?? '', point)
    kept += flag.length > 0 ? flag.join('') : isSeen ? point : ''
    at += Math.max(0, flag.length - 1)
  }
  return [...kept].every((point) => isUnseen(point) || /\s/.test(point)) ? '' : lines(kept)
}

/** The same for a phone number: of what nobody sees nothing, and every blank as one types it. */
export const phone = (text: string): string => lines([...text].filter((point) => !isUnseen(point)).join('').replace(/\p{Zs}/gu, ' '))
