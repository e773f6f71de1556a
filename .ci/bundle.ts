/**
 * Makes one file, and a few beside it for what is loaded later, of the modules that a built server starts from, because to find,
 * read and link each of them by itself is a fifth of a start. They take the place of `serve.js`, which nothing but the server
 * loads; every other module stays, for whoever embeds the service, for the commands, and for threads and processes. Packages are
 * not taken in, so that what is installed is what runs. The folder is `dist`, or what is named.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { build } from 'esbuild'
import type { Plugin } from 'esbuild'

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '../dist'))
const out = join(root, 'src')

/** What stands beside a module is found from where that was. */
const places: Plugin = {
  name: 'places',
  setup ({ onLoad }) {
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      const at = (place: string): string => `process.getBuiltinModule('node:path').join(import.meta.dirname, ${JSON.stringify(relative(out, place))})`
      const contents = readFileSync(path, 'utf8')
        .replaceAll('import.meta.dirname', () => at(dirname(path)))
        .replaceAll('import.meta.filename', () => at(path))
        .replaceAll('import.meta.url', () => `new URL(${JSON.stringify(relative(out, path))}, import.meta.url).href`)
      return { contents, loader: 'js' }
    })
  },
}

await build({
  entryPoints: [join(out, 'serve.js')],
  outdir: out,
  chunkNames: 'serve-[hash]',
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  packages: 'external',
  platform: 'node',
  target: 'node22.18',
  format: 'esm',
  plugins: [places],
  logLevel: 'warning',
})
