import { execFile, spawnSync } from 'node:child_process'
import { buildApp } from 'visage'
import type { Options } from 'visage'

const options: Options = { dataDir: './service', logLevel: 'silent' }
const app = await buildApp(options)
const url = await app.listen({ port: 0 })
const said = await new Promise<string>((resolve, reject) => {
  execFile(process.execPath, ['client.ts', url], (error, stdout) => { if (error === null) resolve(stdout); else reject(error) })
})
await app.close()
console.log(said.trim())
// The command that the package brings knows the same data folder.
const { stdout } = spawnSync('node_modules/.bin/visage', ['tokens', 'create', '--username', 'ada'], { env: { ...process.env, VISAGE_DATA_DIR: './service' }, encoding: 'utf8' })
console.log(/^[0-9a-f]{40}\n$/.test(stdout))
