// Loaded before anything else, with `node -r` where there are types to strip, and plain JavaScript, because an older Node
// cannot read TypeScript and crashes in better-sqlite3.
const { dirname, join, sep } = require('node:path')
const { realpathSync } = require('node:fs')

const isBuilt = __dirname.includes(`${sep}dist${sep}`)
const engines = () => require('../package.json').engines.node

function isOld () {
  if (!isBuilt) return !process.features.typescript
  const [least, minor] = /\d+\.\d+/.exec(engines())[0].split('.').map(Number)
  const [major, ownMinor] = process.versions.node.split('.').map(Number)
  return major < least || (major === least && ownMinor < minor)
}

if (isOld()) {
  console.error('Visage needs Node.js ' + engines() + ' and this is ' + process.version + ': install a newer one' +
    (isBuilt ? '.' : ', or run `npm ci` on Linux, which brings its own.'))
  process.exit(1)
}

// Types are stripped and code is compiled once for all starts, which is a third of one. Beside the code, so that whoever can
// write there could change the code as well; where nobody can, every start does it anew. An application that embeds the service
// decides that for itself.
const isOwnProcess = module.parent?.id === 'internal/preload' || (process.argv[1] !== undefined && dirname(realpathSync(process.argv[1])) === __dirname)
if (isOwnProcess) require('node:module').enableCompileCache(join(__dirname, '../node_modules/.cache/node'))
