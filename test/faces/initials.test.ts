import t from 'tap'
import { initialsOf } from '../../src/faces/initials.ts'

const APART = '\u200c'
const FAMILY = '👨‍👩‍👧‍👦'

const NAMES: [name: string, text: string, isRightToLeft?: boolean][] = [
  ['Ada Lovelace', 'AL'],
  ['  ada   king   lovelace ', 'AL'],
  ['Ada', 'A'],
  ['ada.lovelace', 'AL'],
  ['ada_king-lovelace', 'AL'],
  ['ada@example.com', 'A'],
  ['@ada', 'A'],
  ['Ada Lovelace (she/her)', 'AL'],
  ['(ada)', 'A'],
  ['"ada" \'lovelace\'', 'AL'],
  ['Ωmega βeta', 'ΩΒ'],
  ['Юрий Гагарин', 'ЮГ'],
  ['straße', 'S'],
  ['ßeta', 'ß'],
  ['ŉ', 'ŉ'],
  ['გიორგი', 'გ'],
  ['i̇stanbul', 'İ'.normalize('NFD')],
  ['ñandú', 'Ñ'],
  ['n\u0303andu', 'N\u0303'],
  ['007', '0'],
  // Right to left, the first name first: the direction puts it to the right.
  ['محمد علي', `م${APART}ع`, true],
  ['דוד לוי', `ד${APART}ל`, true],
  ['ܐܒܐ', 'ܐ', true],
  ['Ada לוי', `A${APART}ל`],
  // One sign where signs are words.
  ['李小龙', '李'],
  ['山田 太郎', '山'],
  ['ひかり', 'ひ'],
  ['김철수', '김'],
  ['\u1100\u1161\u11a8', '\u1100\u1161\u11a8'],
  ['Bruce 李', 'B'],
  ['𠮷野家', '𠮷'],
  // What is one to the eye stays one.
  ['क्षितिज शर्मा', `क्षि${APART}श`],
  ['เกษม สุข', `ก${APART}สุ`],
  [`${FAMILY} at home`, FAMILY],
  ['🇫🇷 tricolore', '🇫🇷'],
  ['👍🏽', '👍🏽'],
  [`z${'\u0301'.repeat(30)}algo`, 'Z'],
  [`${'👩‍'.repeat(40)}👩`, '👩'],
  // Nothing of a control comes along.
  ['\u202eada \u2066lovelace', 'AL'],
  ['ada\u0000', 'A'],
  ['', ''],
  ['   ', ''],
  ['_.-', ''],
  ['()', ''],
  ['\u0301', ''],
]

for (const [name, text, isRightToLeft = false] of NAMES) {
  t.test(`initials of ${JSON.stringify(name)}`, async (t) => {
    const initials = initialsOf(name)
    t.same({ text: initials.text, isRightToLeft: initials.isRightToLeft }, { text, isRightToLeft })
    t.ok([...new Intl.Segmenter().segment(text.replace(APART, ' '))].filter(({ segment }) => segment !== ' ').length <= 2)
  })
}

t.test('however long a name is, it takes no time', async (t) => {
  const began = process.cpuUsage()
  // Whoever asks for a picture chooses the name, and everybody waits meanwhile.
  for (const piece of ['a', '@', '(', 'a ', '\u0301', 'a@', '👩‍']) initialsOf(piece.repeat(100_000))
  const { user, system } = process.cpuUsage(began)
  t.ok(user + system < 500_000)
})
