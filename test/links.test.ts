import t from 'tap'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** As GitHub names the places of a page. */
const anchorOf = (heading: string) => heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-')
const anchorsOf = (page: string) => [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))

/** Each link of a page: as it is written, the file, and the place in it. */
const linksIn = (page: string) => [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)\s#]*)#?([^)\s]*)\)/g)]
  .map(([link, path = '', anchor = '']) => ({ link, file: path === '' ? page : join(dirname(page), path), anchor }))

t.test('every link from a page to another leads somewhere', async (t) => {
  const pages = globSync(['*.md', 'docs/*.md', 'routes/*/*.md', 'bench/*.md'])
  t.ok(pages.length > 10)
  for (const page of pages) {
    const astray = linksIn(page).filter(({ file, anchor }) => !existsSync(file) || (anchor !== '' && !anchorsOf(file).includes(anchor)))
    t.same(astray.map(({ link }) => link), [], page)
  }
})

t.test('what the pages in the package lead to is in the package', async (t) => {
  const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { files: string[] }
  // npm takes the first two along by itself.
  const packed = ['README.md', 'LICENSE', ...globSync(files), ...globSync(files.map((path) => `${path}/**`))]
  const pages = packed.filter((path) => path.endsWith('.md'))
  t.ok(pages.length > 10)
  for (const page of pages) t.same(linksIn(page).filter(({ file }) => !packed.includes(file)).map(({ link }) => link), [], page)
})
