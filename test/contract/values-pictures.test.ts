import t from 'tap'
import { picture } from '../images/pictures.ts'
import { NEW_PICTURE, runCases } from './cases.ts'
import type { Case } from './cases.ts'
import type { FamilyName } from './families.ts'
import { createWorld, ORIGIN, PATH } from './world.ts'

/*
 * CONTRACT §1.3, the rows about file fields, with CONTRACT §5 rows 5 and 16 and the rows of DESIGN §9 about file parts and
 * about JSON "" for a picture. Staff and personal have no cover. A text that is no file: messages-pictures.test.ts.
 */
const NOT_A_FILE = 'The submitted data was not a file. Check the encoding type on the form.'
const PICTURES: [FamilyName, 'avatar' | 'cover'][] = [['community', 'avatar'], ['community', 'cover'], ['staff', 'avatar'], ['personal', 'avatar']]
const png = await picture()
const NOTHING = Buffer.alloc(0)
const world = await createWorld(t)
const names = world.store.row(world.ada.id)

await t.test('null in JSON clears', (t) => runCases(t, world, PICTURES.map(([family, name]) => ({ family, title: name, json: { [name]: null }, stored: { [name]: null } }))))

await t.test('"" in a form clears', (t) => runCases(t, world, PICTURES.map(([family, name]) => ({ family, title: name, form: [[name, '']], stored: { [name]: null } }))))

await t.test('"" in JSON: cleared in community, refused in staff and personal', (t) => runCases(t, world, [
  { family: 'community', title: 'avatar', json: { avatar: '' }, stored: { avatar: null } },
  { family: 'community', title: 'cover', json: { cover: '' }, stored: { cover: null } },
  { family: 'community', title: 'avatar_base64', json: { avatar_base64: '' }, stored: { avatar: null } },
  { family: 'staff', title: 'avatar', json: { avatar: '' }, refused: ['avatar', 'invalid', NOT_A_FILE] },
  { family: 'personal', title: 'avatar', json: { avatar: '' }, refused: ['avatar', 'invalid', NOT_A_FILE] },
]))

await t.test('the address that is shown, sent back, is no change', (t) => runCases(t, world, PICTURES.flatMap(([family, name]) => {
  const url = `${family === 'personal' ? PATH : ORIGIN}/media/${name}s/${names[name]}.webp`
  return [
    { family, title: name, json: { [name]: url }, stored: {} },
    { family, title: name, form: [[name, url]] as [string, string][], stored: {} },
  ]
})))

await t.test('a file sets', (t) => runCases(t, world, [
  ...PICTURES.map(([family, name]): Case => ({ family, title: name, parts: [[name, { file: png, type: 'image/png' }]], stored: { [name]: NEW_PICTURE } })),
  { family: 'staff', title: 'an avatar part without a Content-Type', parts: [['avatar', { file: png }]], stored: { avatar: NEW_PICTURE } },
  { family: 'community', title: 'avatar_base64 without data:', json: { avatar_base64: `image/png;base64,${png.toString('base64')}` }, stored: { avatar: NEW_PICTURE } },
  { family: 'community', title: 'avatar_base64', form: [['avatar_base64', `image/png;base64,${png.toString('base64')}`]], stored: { avatar: NEW_PICTURE } },
]))

await t.test('file parts: an untouched input (filename="", 0 bytes) keeps', (t) => runCases(t, world, PICTURES.map(([family, name]) => (
  { family, title: name, parts: [[name, { file: NOTHING, filename: '', type: 'application/octet-stream' }]], stored: {} }))))

await t.test('file parts: a named file of 0 bytes is refused', (t) => runCases(t, world, PICTURES.map(([family, name]) => (
  { family, title: name, parts: [[name, { file: NOTHING, filename: 'a.png' }]], refused: [name, 'empty', 'The submitted file is empty.'] }))))

await t.test('file parts: a second file for one picture is refused', (t) => runCases(t, world, PICTURES.map(([family, name]) => (
  { family, title: name, parts: [[name, { file: png }], [name, { file: png }]], refused: [name, 'invalid', 'Only one file may be submitted (there are 2).', { limit: 1, found: 2 }] }))))

await t.test('a file and a base64 text for the same picture are two as well', (t) => runCases(t, world, [
  { family: 'community', title: 'avatar and avatar_base64', parts: [['avatar', { file: png }], ['avatar_base64', `image/png;base64,${png.toString('base64')}`]], refused: ['avatar_base64', 'invalid', 'Only one file may be submitted (there are 2).', { limit: 1, found: 2 }] },
  { family: 'community', title: 'avatar_base64 beside a cover', parts: [['cover', { file: png }], ['avatar_base64', `image/png;base64,${png.toString('base64')}`]], stored: { avatar: NEW_PICTURE, cover: NEW_PICTURE } },
]))

await t.test('a picture and a text go together, or not at all', (t) => runCases(t, world, [
  { family: 'community', title: 'both', parts: [['bio', 'New'], ['avatar', { file: png }]], stored: { bio: 'New', avatar: NEW_PICTURE } },
  { family: 'community', title: 'a bad text', parts: [['avatar', { file: png }], ['website', 'x']], refused: ['website', 'invalid', 'Enter a valid URL.'] },
  { family: 'staff', title: 'a bad text', parts: [['avatar', { file: png }], ['email', 'x']], refused: ['email', 'invalid', 'Enter a valid email address.'] },
  { family: 'personal', title: 'a bad picture', parts: [['first_name', 'New'], ['avatar', { file: Buffer.from('no'), filename: 'a.png' }]], refused: ['avatar', 'invalid_image', 'Upload a valid image. The file you uploaded was either not an image or a corrupted image.'] },
]))
