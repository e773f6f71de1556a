import type { Family } from './routes.ts'

/** Multipart bodies by hand: what a client's library would never send. */
const B = 'visage-hostile'
export const TYPE = `multipart/form-data; boundary=${B}`
export const TEXT: Record<Family, string> = { community: 'bio', staff: 'first_name', personal: 'first_name' }
export const CRLF = '\r\n'
const END = `--${B}--${CRLF}`
export const part = (head: string, value: string | Buffer) => Buffer.concat([Buffer.from(`--${B}${CRLF}${head}${CRLF}${CRLF}`), Buffer.from(value), Buffer.from(CRLF)])
export const nameIs = (name: string) => `Content-Disposition: form-data; name="${name}"`
export const field = (name: string, value: string) => part(nameIs(name), value)
export const file = (name: string, filename: string, bytes: Buffer) => part(`${nameIs(name)}; filename="${filename}"${CRLF}Content-Type: image/png`, bytes)
export const username = field('username', 'ada')
export const whole = (...parts: (Buffer | string)[]) => Buffer.concat([...parts.map((each) => Buffer.from(each)), Buffer.from(END)])

/** Bodies that are no whole form, each with its content type. */
export function broken (text: string, png: Buffer): Record<string, [Buffer, string?]> {
  const good = whole(username, field(text, 'changed'), file('avatar', 'a.png', png))
  const long = (length: number): [Buffer, string] => {
    const boundary = 'b'.repeat(length)
    return [Buffer.from(good.toString('latin1').replaceAll(B, boundary), 'latin1'), `multipart/form-data; boundary=${boundary}`]
  }
  return {
    'no boundary': [good, 'multipart/form-data'],
    'an empty boundary': [good, 'multipart/form-data; boundary='],
    'an empty boundary in quotes': [good, 'multipart/form-data; boundary=""'],
    'a boundary of spaces': [good, 'multipart/form-data; boundary="   "'],
    'a boundary of 71': long(71),
    'a boundary of 252': long(252),
    'a boundary of 4,000': long(4_000),
    'another boundary': [good, 'multipart/form-data; boundary=other'],
    garbage: [Buffer.from('%%% this is no form')],
    'random bytes': [Buffer.from(Array.from({ length: 5_000 }, (_, i) => i * 167 % 256))],
    'zeros': [Buffer.alloc(50_000)],
    'JSON': [Buffer.from('{"username":"ada"}')],
    'an opening alone': [Buffer.from(`--${B}`)],
    'an opening line alone': [Buffer.from(`--${B}${CRLF}`)],
    'cut in a header': [good.subarray(0, B.length + 20)],
    'cut after a header': [good.subarray(0, good.indexOf('ada'))],
    'cut in a text': [good.subarray(0, good.indexOf('changed') + 3)],
    'cut in a file': [good.subarray(0, -40)],
    'cut before the end': [good.subarray(0, -END.length)],
    'cut in the end': [good.subarray(0, -5)],
    'bare line feeds': [Buffer.from(whole(username, field(text, 'changed')).toString().replaceAll(CRLF, '\n'))],
  }
}
