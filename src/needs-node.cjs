// Loaded before anything else, with `node -r` where there are types to strip, and plain JavaScript, because an older Node
// cannot read TypeScript and crashes in better-sqlite3.
if (!process.features.typescript) {
  console.error('Visage needs Node.js ' + require('../package.json').engines.node + ' and this is ' + process.version +
    ': install a newer one, or run `npm ci` on Linux, which brings its own.')
  process.exit(1)
}

// Types are stripped and code is compiled once for all starts, which is a third of one. Beside the code, so that whoever can
// write there could change the code as well; where nobody can, every start does it anew.
require('node:module').enableCompileCache(require('node:path').join(__dirname, '../node_modules/.cache/node'))
