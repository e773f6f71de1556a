// What pictures tell beside their pixels does not leave the house: pictures with every sort of metadata go through every way
// in, and exiftool, which put it there, then looks for it in every file of every size. That it finds it in the originals
// shows that it would.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { createPeople, startService } from './service.ts'
import type { Person } from './service.ts'

const SECRET = 'Ada Lovelace was here, at home'
/** Groups of tags that exiftool gives to any file; what is in them is listed below. */
const PLAIN = new Set(['SourceFile', 'ExifTool', 'System', 'File', 'RIFF', 'Composite'])
const ALLOWED = new Set([
  'SourceFile', 'ExifToolVersion', 'FileName', 'Directory', 'FileSize', 'FileModifyDate', 'FileAccessDate', 'FileInodeChangeDate', 'FilePermissions', 'FileType', 'FileTypeExtension', 'MIMEType',
  'VP8Version', 'ImageWidth', 'ImageHeight', 'HorizontalScale', 'VerticalScale', 'WebP_Flags', 'AlphaIsUsed', 'BackgroundColor', 'AnimationLoopCount', 'FrameCount', 'Duration', 'ImageSize', 'Megapixels',
  'AlphaPreprocessing', 'AlphaFiltering', 'AlphaCompression',
])

type Tags = Record<string, unknown>

function exiftool (args: string[], files: string[]): string {
  const { status, stdout, stderr } = spawnSync('exiftool', ['-q', ...args, '-@', '-'], { input: files.join('\n'), encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (status !== 0) throw new Error(`exiftool: ${stderr}`)
  return stdout
}

const read = (files: string[]): Tags[] => JSON.parse(exiftool(['-j', '-a', '-U', '-u', '-ee', '-G1'], files)) as Tags[]

/** What a file tells beside its pixels, as `Group:Tag`. */
const told = (tags: Tags): string[] => Object.keys(tags).filter((key) => {
  const [group, name = group] = key.split(':')
  return !PLAIN.has(group!) || !ALLOWED.has(name!)
})

/** Pictures that tell as much as their formats can hold. */
async function originals (folder: string): Promise<string[]> {
  const still = (width = 640, height = 480) => sharp({ create: { width, height, channels: 3, background: '#336699', noise: { type: 'gaussian', mean: 120, sigma: 30 } } })
    .withIccProfile('p3').withExif({ IFD0: { Artist: SECRET, Copyright: SECRET, Software: SECRET }, IFD2: { MakerNote: `Nikon\0${SECRET}`, UserComment: SECRET, BodySerialNumber: SECRET } })
  const frames = await sharp({ create: { width: 60, height: 120, channels: 3, background: '#000', noise: { type: 'gaussian', mean: 120, sigma: 60 } } }).raw().toBuffer()
  const moving = () => sharp(frames, { raw: { width: 60, height: 120, channels: 3, pageHeight: 40 } }).withExif({ IFD0: { Artist: SECRET } })
  const made: [string, Promise<Buffer>][] = [
    ['still.jpg', still().jpeg().toBuffer()], ['progressive.jpg', still().jpeg({ progressive: true }).toBuffer()], ['still.png', still().png().toBuffer()],
    ['still.webp', still().webp().toBuffer()], ['still.avif', still(320, 240).avif({ effort: 0 }).toBuffer()], ['moving.webp', moving().webp().toBuffer()], ['moving.gif', moving().gif().toBuffer()],
    ['small.gif', still(80, 60).gif().toBuffer()],
  ]
  const files = await Promise.all(made.map(async ([name, bytes]) => {
    const file = join(folder, name)
    writeFileSync(file, await bytes)
    return file
  }))
  const xmp = [`-XMP-dc:Creator=${SECRET}`, `-XMP-exif:GPSLatitude=51.5`, `-XMP-xmpMM:DocumentID=${SECRET}`]
  const place = ['-EXIF:GPSLatitude=51.5', '-EXIF:GPSLatitudeRef=N', '-EXIF:GPSLongitude=0.1', '-EXIF:GPSLongitudeRef=W']
  const write = (wanted: RegExp, args: string[]) => exiftool(['-overwrite_original', '-m', ...args], files.filter((file) => wanted.test(file)))
  write(/\.(?:jpg|png|webp|gif|avif)$/, xmp)
  write(/\.(?:jpg|png|webp|avif)$/, place)
  write(/\.jpg$/, [`-IPTC:By-line=${SECRET}`, `-IPTC:City=${SECRET}`, '-Photoshop:CopyrightFlag=True', `-Photoshop:URL=https://home.example/`, `-Comment=${SECRET}`, '-ThumbnailImage<=' + join(folder, 'small.gif')])
  write(/\.gif$/, [`-Comment=${SECRET}`])
  write(/\.png$/, [`-PNG:Comment=${SECRET}`, `-PNG:Author=${SECRET}`, `-PNG:Title-de=${SECRET}`])
  return files
}

interface Way { name: string, send: (url: string, person: Person, file: string) => Promise<Response> }

const ways: Way[] = [
  form('community avatar', 'PATCH', (id) => `/api/v2/user/${id}/`, 'avatar'),
  form('community cover', 'PATCH', (id) => `/api/v2/user/${id}/`, 'cover'),
  form('collection', 'POST', () => '/api/v2/user/avatar/', 'avatar'),
  form('staff avatar', 'PATCH', (id) => `/api/users/${id}/`, 'avatar'),
  form('own avatar, staff', 'PATCH', () => '/api/users/me/', 'avatar'),
  form('personal avatar', 'PUT', (id) => `/api/profile/${id}/update/`, 'avatar'),
  base64('base64', 'PATCH', (id) => `/api/v2/user/${id}/`),
  base64('base64, collection', 'POST', () => '/api/v2/user/avatar/'),
  {
    name: 'cut anew',
    async send (url, person, file) {
      await ways[0]!.send(url, person, file)
      return await json(url, person, 'PATCH', `/api/v2/user/${person.id}/`, { avatar_focus: '0.9,0.9' })
    },
  },
]

function form (name: string, method: string, path: (id: number) => string, field: string): Way {
  return {
    name,
    send (url, { id, key }, file) {
      const body = new FormData()
      if (method === 'PUT') body.set('username', `w${id}`)
      body.set(field, new Blob([new Uint8Array(readFileSync(file))]), `${SECRET}.jpg`)
      return fetch(url + path(id), { method, body, headers: { authorization: `Token ${key}` } })
    },
  }
}

function base64 (name: string, method: string, path: (id: number) => string): Way {
  return { name, send: (url, person, file) => json(url, person, method, path(person.id), { avatar_base64: `image/png;base64,${readFileSync(file).toString('base64')}` }) }
}

const json = (url: string, { key }: Person, method: string, path: string, body: object) => (
  fetch(url + path, { method, body: JSON.stringify(body), headers: { 'authorization': `Token ${key}`, 'content-type': 'application/json' } })
)

const began = performance.now()
const home = mkdtempSync(join(tmpdir(), 'visage-metadata-'))
try {
  mkdirSync(join(home, 'originals'))
  const dataDir = join(home, 'data')
  const files = await originals(join(home, 'originals'))
  const found = read(files)
  const groups = new Set(found.flatMap(told).map((key) => key.split(':')[0]!.replace(/-.*/, '')))
  const missing = ['IFD0', 'ExifIFD', 'GPS', 'XMP', 'IPTC', 'ICC_Profile', 'ICC', 'Photoshop', 'PNG', 'GIF'].filter((group) => !groups.has(group))
  const silent = files.filter((file, i) => told(found[i]!).length === 0 || !readFileSync(file).includes(SECRET))
  if (missing.length > 0 || silent.length > 0) throw new Error(`the originals do not tell enough: no ${missing.join(', ')}; ${silent.join(', ')}; found ${[...groups].join(', ')}`)

  const people = await createPeople(dataDir, ways.length * files.length)
  const service = await startService({ dataDir })
  const failures: string[] = []
  try {
    for (const [w, way] of ways.entries()) {
      for (const [f, file] of files.entries()) {
        const response = await way.send(service.url, people[w * files.length + f]!, file)
        if (!response.ok) failures.push(`${way.name}, ${file}: ${response.status} ${await response.text()}`)
        else await response.arrayBuffer()
      }
    }
  } finally {
    await service.end('SIGTERM')
  }
  const media = join(dataDir, 'media')
  const stored = readdirSync(media, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const telling = read(stored).map((tags) => ({ file: tags['SourceFile'], told: told(tags) })).filter(({ told }) => told.length > 0)
  const texts = stored.filter((file) => readFileSync(file).includes(SECRET.slice(0, 16)))
  const [avatars, covers] = ['avatars', 'covers'].map((folder) => stored.filter((file) => file.startsWith(join(media, folder))).length)
  // A main file and four squares, or two covers; what is cut anew replaces what was.
  const expected = [ways.length - 1, 1].map((count, i) => count * files.length * [5, 3][i]!)
  console.log(JSON.stringify({
    originals: files.length, toldByThem: new Set(found.flatMap(told)).size, ways: ways.length, avatars, covers, telling: telling.length, texts: texts.length,
    exiftool: spawnSync('exiftool', ['-ver'], { encoding: 'utf8' }).stdout.trim(), seconds: Math.round((performance.now() - began) / 100) / 10,
  }))
  if (telling.length > 0) failures.push(`what is stored tells ${JSON.stringify(telling.slice(0, 5))}`)
  if (texts.length > 0) failures.push(`a text survives in ${texts.slice(0, 5).join(', ')}`)
  if (avatars !== expected[0] || covers !== expected[1]) failures.push(`${expected.join(' and ')} files were expected`)
  if (failures.length > 0) throw new Error(failures.join('\n'))
} catch (error) {
  console.error(`FAILURE: ${(error as Error).message}`)
  process.exitCode = 1
} finally {
  rmSync(home, { recursive: true, force: true })
}
