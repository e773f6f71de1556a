import t from 'tap'
import { openRows } from '../hostile/traces.ts'
import { descriptors, listen, say, tidy } from './listening.ts'

/** How long a body says that it is, and what becomes of it: nothing is 500, and of a body that is not whole nothing is written. */
const HUGE = '9'.repeat(400)
let written = 0
/** One that every family reads, and another one each time. */
const body = () => JSON.stringify({ bio: `${written}`, first_name: `${written++ % 10}` }).padEnd(40)
const SIZE = 40

const LENGTHS: [length: string, status: number][] = [
  [`${SIZE}`, 200], [`  ${SIZE}\t`, 200], [`0000000000000000000000${SIZE}`, 200],
  ['', 400], ['-1', 400], ['-0', 400], [`+${SIZE}`, 400], [`${SIZE}.0`, 400], ['4e1', 400], ['0x28', 400], ['4_0', 400], ['40;', 400], ['4 0', 400], ['NaN', 400], ['Infinity', 400], ['1e13', 400], ['1e400', 400],
  ['18446744073709551616', 400], ['18446744073709551656', 400], [HUGE, 400], [`-${HUGE}`, 400], [`${SIZE + 1}`, 400],
  ['2147483648', 413], ['4294967336', 413], ['9007199254740991', 413], ['9007199254740993', 413], ['18446744073709551615', 413],
]
/** Of chunks, in hexadecimal. */
const SIZES: [size: string, status: number][] = [
  ['28', 200], ['0028', 200], ['28;name=value', 200],
  ['', 400], ['-28', 400], ['+28', 400], ['0x28', 400], ['28.0', 400], ['28 ', 400], ['g', 400], ['29', 400], ['27', 400], ['ffffffff', 400], ['10000000000000028', 400], ['f'.repeat(17), 400], [HUGE, 400],
]

t.test('A8 Content-Length, and the sizes of chunks', async (t) => {
  const server = await listen(t)
  const { port, families, ada, dataDir } = server
  const rows = openRows(dataDir)
  t.teardown(rows.close)
  const before = descriptors()

  for (const { name, method, path, headers } of families) {
    const judge = async (framing: string, sent: string, status: number, title: string) => {
      const { version } = rows.user(ada.id)
      const head = [`${method} ${path(ada.id)} HTTP/1.1`, 'Host: a', 'Connection: close', `Authorization: ${headers.authorization}`, 'Content-Type: application/json', framing]
      const said = await say(port, [`${head.join('\r\n')}\r\n\r\n${sent}`], (socket) => socket.end())
      t.equal(Number(said.split(' ')[1]), status, `${name}: ${title.slice(0, 40)}`)
      t.equal(Number(rows.user(ada.id).version) - Number(version), status === 200 ? 1 : 0, 'written, or not')
    }
    for (const [length, status] of LENGTHS) await judge(`Content-Length: ${length}`, body(), status, length)
    for (const [size, status] of SIZES) await judge('Transfer-Encoding: chunked', `${size}\r\n${body()}\r\n0\r\n\r\n`, status, `a chunk of ${size}`)
  }
  await tidy(t, server, before)
})
