import t from 'tap'
import { picture } from '../images/pictures.ts'
import { NEW_PICTURE, runCases } from './cases.ts'
import type { Case } from './cases.ts'
import type { FamilyName, Finding } from './families.ts'
import { createWorld } from './world.ts'

/*
 * CONTRACT §1.2, the rows about files. Two of them are overruled by promise 6 of DESIGN (pictures are judged by their bytes
 * and named by us): `max_length (file)` and `invalid_extension`. Staff and personal have no cover, and no avatar_base64.
 */
const NOT_A_FILE = 'The submitted data was not a file. Check the encoding type on the form.'
const EMPTY = 'The submitted file is empty.'
const INVALID = 'Upload a valid image. The file you uploaded was either not an image or a corrupted image.'

const PICTURES: [FamilyName, 'avatar' | 'cover'][] = [['community', 'avatar'], ['community', 'cover'], ['staff', 'avatar'], ['personal', 'avatar']]
const png = await picture()
const text = Buffer.from('This is a text, whatever its name says.\n')
const world = await createWorld(t)

await t.test('invalid (file)', (t) => runCases(t, world, PICTURES.flatMap(([family, name]) => {
  const refused: Finding = [name, 'invalid', NOT_A_FILE]
  return [
    ...['a text', 'https://elsewhere.example.com/a.png', 5, true, [], {}, { file: 'x', _buf: 'x', filename: '../x' }].map((value) => (
      { family, title: `${JSON.stringify(value)} for the ${name}`, json: { [name]: value }, refused })),
    ...['a text', 'null', 'https://elsewhere.example.com/a.png'].map((value) => (
      { family, title: `${value} for the ${name}`, form: [[name, value]] as [string, string][], refused })),
  ]
})))
await t.test('invalid (file)', (t) => runCases(t, world, [
  { family: 'community', title: 'avatar_base64 that is no base64', json: { avatar_base64: 'image/png;base64,?' }, refused: ['avatar_base64', 'invalid', NOT_A_FILE] },
]))

await t.test('empty (file)', (t) => runCases(t, world, PICTURES.map(([family, name]) => (
  { family, title: `a named ${name} of no bytes`, parts: [[name, { file: Buffer.alloc(0), filename: 'a.png' }]], refused: [name, 'empty', EMPTY] }))))

await t.test('invalid_image', (t) => runCases(t, world, [
  ...PICTURES.map(([family, name]): Case => (
    { family, title: `a text called ${name}.png`, parts: [[name, { file: text, filename: `${name}.png`, type: 'image/png' }]], refused: [name, 'invalid_image', INVALID] })),
  ...PICTURES.map(([family, name]): Case => (
    { family, title: `a ${name} that breaks off`, parts: [[name, { file: png.subarray(0, png.length - 30), type: 'image/png' }]], refused: [name, 'invalid_image', INVALID] })),
  { family: 'community', title: 'avatar_base64 of a text', json: { avatar_base64: `image/png;base64,${text.toString('base64')}` }, refused: ['avatar_base64', 'invalid_image', INVALID] },
]))

// Overruled: the client's name for a file is not looked at.
await t.test('max_length (file): a name of 124 characters is fine', (t) => runCases(t, world, PICTURES.map(([family, name]) => (
  { family, title: name, parts: [[name, { file: png, filename: `${'n'.repeat(120)}.png` }]], stored: { [name]: NEW_PICTURE } }))))
await t.test('invalid_extension: a name that ends in .txt is fine', (t) => runCases(t, world, PICTURES.map(([family, name]) => (
  { family, title: name, parts: [[name, { file: png, filename: 'notes.txt', type: 'text/plain' }]], stored: { [name]: NEW_PICTURE } }))))
