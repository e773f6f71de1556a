import t from 'tap'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { picture } from '../images/pictures.ts'
import { curl, descriptors, hasCurl, listen, tidy } from './listening.ts'

t.test('curl: three refused uploads in a row, a text called avatar.png, two avatars', async (t) => {
  if (!hasCurl) {
    t.comment('SKIPPED: there is no curl on this machine')
    return
  }
  const server = await listen(t)
  const { port, ada, families } = server
  const folder = server.dataDir
  const [liar, real] = [join(folder, 'avatar.png'), join(folder, 'real.png')]
  writeFileSync(liar, 'just a text\n'.repeat(1_000))
  writeFileSync(real, await picture())
  const before = descriptors()
  const row = async () => ({ ...await server.core.users.get(ada.id), lastSeenAt: null })
  const was = await row()
  for (const { name, method, path, headers } of families) {
    const url = `http://127.0.0.1:${port}${path(ada.id)}`
    for (const parts of [['--form', `avatar=@${liar}`], ['--form', `avatar=@${real}`, '--form', `avatar=@${real}`]]) {
      const one = ['--request', method, '--header', `authorization: ${headers.authorization}`, ...parts, '--write-out', '%{http_code} %{num_connects}\n', '--output', '/dev/null', url]
      const began = performance.now()
      const { exit, body } = await curl(...one, '--next', '-sS', ...one, '--next', '-sS', ...one)
      t.equal(exit, 0)
      t.same(body.trim().split('\n').map((line) => line.split(' ')[0]), ['400', '400', '400'], `${name}: ${body}`)
      t.ok(performance.now() - began < 3_000, 'no stall')
    }
  }
  t.same(await row(), was)
  await tidy(t, server, before)
})
