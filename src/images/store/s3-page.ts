/** Objects as a bucket lists them, and what to ask for the next ones with. */
interface Page { objects: { key: string, bytes: number }[], next?: string }

/** Reads the answer to ListObjectsV2 with `encoding-type=url`. */
export function readPage (xml: string): Page {
  if (!xml.includes('<ListBucketResult')) throw new Error('the store of pictures answered a list with something else')
  const objects = [...xml.matchAll(/<Contents>.*?<\/Contents>/gs)].map(([one]) => ({ key: decodeURIComponent(element(one, 'Key').replaceAll('+', ' ')), bytes: Number(element(one, 'Size')) }))
  const isCut = element(xml, 'IsTruncated') === 'true'
  return { objects, ...isCut && { next: unescaped(element(xml, 'NextContinuationToken')) } }
}

const element = (xml: string, name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? ''

const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' }
const unescaped = (text: string): string => text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity)
