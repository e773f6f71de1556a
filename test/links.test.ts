import t from 'tap'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** As GitHub names the places of a page. */
const anchorOf = (heading: string) => heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-')
const anchorsOf = (page: string) => [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))

t.test('every link from a page to another leads somewhere', async (t) => {
  const pages = globSync(['*.md', 'docs/*.md', 'routes/*/*.md', 'bench/*.md'])
  t.ok(pages.length > 10)
  for (const page of pages) {
    const astray = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)\s#]*)#?([^)\s]*)\)/g)].filter(([, path = '', anchor = '']) => {
      const file = path === '' ? page : join(dirname(page), path)
      return !existsSync(file) || (anchor !== '' && !anchorsOf(file).includes(anchor))
    })
    t.same(astray.map(([link]) => link), [], page)
  }
})
