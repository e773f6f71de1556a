import { patched, text, u16be, u16le, u32be, u32le, u8 } from './bytes.ts'
import { refused } from './image.ts'
import type { HostileImage } from './image.ts'
import { ftyp } from './isobmff.ts'
import { plain } from './samples.ts'

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64">'

/** Twelve times ten of what comes before: 10^12 in the end. */
const uses = Array.from({ length: 12 }, (_, i) => `<g id="g${i + 1}">${`<use xlink:href="#g${i}"/>`.repeat(10)}</g>`).join('')
const entities = Array.from({ length: 12 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join('')

const SVGS: Record<string, string> = {
  'script': `${SVG}<script>alert(document.domain)</script></svg>`,
  'onload': `${SVG.replace('<svg ', '<svg onload="alert(1)" ')}</svg>`,
  'use-bomb': `${SVG}<defs><rect id="g0" width="9" height="9"/>${uses}</defs><use xlink:href="#g12"/></svg>`,
  'entity-bomb': `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e0 "x">${entities}]>${SVG}<text>&e12;</text></svg>`,
  'entity-of-a-file': `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY f SYSTEM "file:///etc/passwd">]>${SVG}<text>&f;</text></svg>`,
  'outside': `${SVG}<image xlink:href="http://127.0.0.1/" width="9" height="9"/></svg>`,
  'foreign-object': `${SVG}<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="javascript:alert(1)"/></foreignObject></svg>`,
  'huge': SVG.replaceAll('"64"', '"1000000"') + '<rect width="100%" height="100%"/></svg>',
  'after-a-prolog': `\xef\xbb\xbf<?xml version="1.0"?>${'<!-- a -->'.repeat(50)}${SVG}</svg>`,
  'after-5000-spaces': ' '.repeat(5_000) + SVG + '</svg>',
}

const others: Record<string, () => Buffer | Promise<Buffer>> = {
  'tiff': () => plain(64, 64).tiff().toBuffer(),
  'tiff-claims-65535': () => Buffer.concat([text('II*\0'), u32le(8), u16le(2, 256, 3, 1, 0, 65_535, 0, 257, 3, 1, 0, 65_535, 0), u32le(0)]),
  'tiff-big-endian': () => Buffer.concat([text('MM\0*'), u32be(8), u16be(0), u32be(0)]),
  'tiff-of-64-bits': () => Buffer.concat([text('II+\0'), u16le(8, 0), Buffer.alloc(64)]),
  'bmp': () => Buffer.concat([text('BM'), u32le(70, 0, 54, 40, 2, 2), u16le(1, 24), Buffer.alloc(40)]),
  'bmp-claims-65535': () => Buffer.concat([text('BM'), u32le(70, 0, 54, 40, 65_535, 65_535), u16le(1, 1), Buffer.alloc(40)]),
  'pdf': () => text('%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF'),
  'postscript': () => text('%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n'),
  'mvg': () => text("push graphic-context\nviewbox 0 0 640 480\nfill 'url(https://127.0.0.1/x.jpg\"|ls \"-la)'\npop graphic-context"),
  'ico': () => Buffer.concat([text('\0\0\x01\0\x01\0'), u8(16, 16, 0, 0, 1, 0, 32, 0), u32le(40, 22), Buffer.alloc(40)]),
  'psd': () => Buffer.concat([text('8BPS'), u16be(1), Buffer.alloc(6), u16be(3), u32be(30_000, 30_000), u16be(8, 3)]),
  'jxl-codestream': () => u8(0xff, 0x0a, 0xfa, 0x7f, 0x01, 0x90, 0x08, 0x06),
  'jxl': () => Buffer.concat([u32be(12), text('JXL '), u32be(0x0d0a_870a), ftyp('jxl ', 'jxl ')]),
  'jp2': () => Buffer.concat([u32be(12), text('jP  '), u32be(0x0d0a_870a), ftyp('jp2 ', 'jp2 ')]),
  'jp2-codestream': () => Buffer.concat([u8(0xff, 0x4f, 0xff, 0x51), u16be(47, 0), u32be(100_000, 100_000), Buffer.alloc(40)]),
  'html': () => text('<!doctype html><html><script>alert(document.domain)</script></html>'),
  'xml': () => text('<?xml version="1.0"?><a><b/></a>'),
  'mp4': () => Buffer.concat([ftyp('isom', 'iso2', 'avc1', 'mp41'), Buffer.alloc(200)]),
  'zip': () => Buffer.concat([text('PK\x05\x06'), Buffer.alloc(18)]),
  'elf': () => Buffer.concat([text('\x7fELF\x02\x01\x01'), Buffer.alloc(100)]),
  'pnm': () => text('P6\n60000 60000\n255\n'),
  'radiance': () => text('#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 60000 +X 60000\n'),
  'fits': () => text('SIMPLE  =                    T'.padEnd(2_880)),
  'vips': () => Buffer.concat([u8(0x08, 0xf2, 0xa6, 0xb6), u32le(60_000, 60_000, 3), Buffer.alloc(60)]),
  'nothing': () => Buffer.alloc(0),
  'a-byte': () => u8(0x89),
  'zeros': () => Buffer.alloc(100_000),
  'text': () => text('this is no picture'),
  'webp-that-is-a-wave': () => Buffer.concat([text('RIFF'), u32le(36), text('WAVEfmt '), Buffer.alloc(28)]),
  'png-with-lost-high-bits': async () => patched(await plain(8, 8).png().toBuffer(), 0, u8(0x09)),
  'png-with-other-line-ends': async () => text((await plain(8, 8).png().toBuffer()).toString('latin1').replaceAll('\r\n', '\n')),
  'png-after-a-space': async () => Buffer.concat([text(' '), await plain(8, 8).png().toBuffer()]),
  'jpeg-after-a-line': async () => Buffer.concat([text('\n'), await plain(8, 8).jpeg().toBuffer()]),
}

/** What begins like something else than the five formats. */
export const FOREIGN: HostileImage[] = [
  ...Object.entries(SVGS).map(([name, source]) => refused(`foreign-svg-${name}`, () => text(source))),
  refused('foreign-svg-of-16-bits', () => Buffer.from(`\ufeff${SVGS['script']}`, 'utf16le')),
  refused('foreign-svg-compressed', () => Buffer.concat([u8(0x1f, 0x8b, 8), Buffer.alloc(60)])),
  ...['heic', 'heix', 'hevc', 'mif1', 'msf1', 'heif'].map((brand) => refused(`foreign-heif-${brand}`, () => Buffer.concat([ftyp(brand, 'mif1', 'miaf'), Buffer.alloc(64)]))),
  ...Object.entries(others).map(([name, make]) => refused(`foreign-${name}`, make)),
]
