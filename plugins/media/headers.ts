/** What an address shows never changes. */
export const IMMUTABLE = 'public, max-age=31536000, immutable'

/** On whatever is answered where pictures are: no browser may take it for a page, or for anything but what its type says. */
const PROTECTION = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
}

/** On whatever is no picture, and wherever there is nothing at all: what is not there now may be there later. */
export const REFUSED = { ...PROTECTION, 'cache-control': 'no-store' }

/** Shown, not saved; saved after all, under a name that nobody sent. */
export const shownAs = (type: string, filename: string): Record<string, string> => ({ ...PROTECTION, 'content-type': type, 'content-disposition': `inline; filename="${filename}"` })

/** With a published picture. */
export const PICTURE = { avatar: shownAs('image/webp', 'avatar.webp'), cover: shownAs('image/webp', 'cover.webp') }
