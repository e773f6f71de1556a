// Loaded with `node -r` after needs-node.cjs. A `.env` beside the program holds what the environment does not say.
try {
  process.loadEnvFile(require('node:path').join(__dirname, '../.env'))
} catch (error) {
  if (error.code !== 'ENOENT') {
    console.error('.env: ' + error.message)
    process.exit(1)
  }
}
