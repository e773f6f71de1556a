// Loaded with `node -r` before anything else, and plain JavaScript, because an older Node cannot read TypeScript
// and crashes in better-sqlite3.
if (!process.features.typescript) {
  console.error('Visage needs Node.js ' + require('../package.json').engines.node + ' and this is ' + process.version +
    ': install a newer one, or run `npm ci` on Linux, which brings its own.')
  process.exit(1)
}
