import { registerHooks } from 'node:module'

/** Examples import the package by its name, as whoever installs it does; here that is the source. */
const SOURCES: Record<string, string> = { visage: '../src/index.ts', 'visage/testing': '../src/testing/index.ts' }

registerHooks({
  resolve (specifier, context, next) {
    const source = SOURCES[specifier]
    return source === undefined ? next(specifier, context) : next(new URL(source, import.meta.url).href, context)
  },
})
