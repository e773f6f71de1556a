/** Where an S3-compatible store is, and as whom to speak to it. */
export interface S3Address {
  /** What the paths of objects are put behind, with no slash at its end. */
  bucketUrl: string
  region: string
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

const PARAMETERS = new Set(['region', 'pathStyle', 'ssl'])
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/

/**
 * Reads `s3://key:secret@host[:port]/bucket?region=…&pathStyle=on|off&ssl=on|off`; the key, the secret and the region may come
 * from the variables that AWS gives them. Throws in one line what is wrong, without any part of the address that may be secret.
 */
export function readS3Address (text: string, env: Partial<Record<string, string>>): S3Address {
  if (!URL.canParse(text)) throw new Error('is no address')
  const url = new URL(text)
  if (url.protocol !== 's3:') throw new Error('is no s3:// address')
  if (url.hostname === '' || url.hash !== '') throw new Error('is not like s3://key:secret@host/bucket')
  const unknown = [...url.searchParams.keys()].find((name, i, all) => !PARAMETERS.has(name) || all.indexOf(name) !== i)
  if (unknown !== undefined) throw new Error('has a parameter other than region, pathStyle and ssl, or one twice')
  const bucket = url.pathname.slice(1)
  if (!BUCKET.test(bucket)) throw new Error('names no bucket, or one that no bucket can be called')
  if ((url.username === '') !== (url.password === '')) throw new Error('has a key without a secret, or a secret without a key')
  const hasKey = url.username !== ''
  const accessKeyId = hasKey ? decoded(url.username) : env['AWS_ACCESS_KEY_ID'] ?? ''
  const secretAccessKey = hasKey ? decoded(url.password) : env['AWS_SECRET_ACCESS_KEY'] ?? ''
  if (accessKeyId === '' || secretAccessKey === '') throw new Error('has no key and secret, and neither have AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  const sessionToken = hasKey ? undefined : env['AWS_SESSION_TOKEN']
  const isPathStyle = isOn(url, 'pathStyle', !url.hostname.endsWith('.amazonaws.com'))
  const scheme = isOn(url, 'ssl', true) ? 'https' : 'http'
  return {
    bucketUrl: isPathStyle ? `${scheme}://${url.host}/${bucket}` : `${scheme}://${bucket}.${url.host}`,
    region: url.searchParams.get('region') ?? env['AWS_REGION'] ?? 'us-east-1',
    accessKeyId,
    secretAccessKey,
    ...sessionToken !== undefined && { sessionToken },
  }
}

/** Where a store is, as it may be shown: without who speaks to it. */
export function placeOf (text: string): string {
  const { host, pathname } = new URL(text)
  return `s3://${host}${pathname}`
}

/** The same of settings, whose pictures are in the data folder where they name none. */
export const storePlaceOf = ({ storeUrl }: { storeUrl?: string }): string => storeUrl === undefined ? '' : placeOf(storeUrl)

function isOn (url: URL, name: string, otherwise: boolean): boolean {
  const value = url.searchParams.get(name)
  if (value !== null && value !== 'on' && value !== 'off') throw new Error(`has a ${name} that is neither on nor off`)
  return value === null ? otherwise : value === 'on'
}

function decoded (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error('has a % in its key or secret that stands for nothing: write it as %25')
  }
}
