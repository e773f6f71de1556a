// Runs the commands under the README's heading "A first profile" as they are printed, against `npm start` in a fresh
// copy of the tree. A ```json block after a ```sh block is what that block has to print: fewer keys will do, and `…`
// in a string stands for anything.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const HEADING = 'A first profile'
const PORT = 3000
const START_MS = 60_000
const STOP_MS = 20_000
const COMMANDS_MS = 120_000
const LEFT_BEHIND = new Set(['node_modules', '.git', '.tap', 'data', 'dist', 'coverage', '.env'])

interface Block { language: string, text: string }

/** The fenced blocks between a heading and the next one of its level. */
function blocksUnder (heading: string, markdown: string): Block[] {
  const blocks: Block[] = []
  let level = 0
  let open: Block | undefined
  for (const line of markdown.split(/\r?\n/)) {
    const fence = /^\s*```\s*(\w*)/.exec(line)
    const title = open ? null : /^(#+)\s+(.*?)\s*#*$/.exec(line)
    if (title?.[1]) {
      if (title[2] === heading) level = title[1].length
      else if (title[1].length <= level) level = 0
    } else if (fence && !open) {
      open = { language: fence[1] ?? '', text: '' }
    } else if (fence && open) {
      if (level) blocks.push(open)
      open = undefined
    } else if (open) {
      open.text += `${line}\n`
    }
  }
  return blocks
}

/** Says where `actual` is not what was promised; nothing when it is. */
function difference (expected: unknown, actual: unknown, path = 'the answer'): string | undefined {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return `${path} is ${JSON.stringify(actual)}`
    return expected.map((item, i) => difference(item, actual[i], `${path}[${i}]`)).find(Boolean)
  }
  if (expected && typeof expected === 'object') {
    if (!actual || typeof actual !== 'object') return `${path} is ${JSON.stringify(actual)}`
    return Object.entries(expected).map(([key, value]) => difference(value, Reflect.get(actual, key), `${path}.${key}`)).find(Boolean)
  }
  const isMatch = typeof expected === 'string' && expected.includes('…')
    ? typeof actual === 'string' && new RegExp(`^${expected.split('…').map((part) => part.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')).join('.*')}$`, 's').test(actual)
    : expected === actual
  return isMatch ? undefined : `${path} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`
}

function isOpen (port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => { socket.destroy(); settle(true) })
    socket.once('error', () => settle(false))
  })
}

/** Runs the blocks as one script; answers what each of them printed. */
function run (scripts: string[], cwd: string, env: NodeJS.ProcessEnv): string[] {
  const seam = `--- ${crypto.randomUUID()} ---`
  const script = ['set -euo pipefail', ...scripts.map((text) => `${text}\nprintf '%s' '${seam}'`)].join('\n')
  const done = spawnSync('bash', ['-c', script], { cwd, env, encoding: 'utf8', timeout: COMMANDS_MS, stdio: ['ignore', 'pipe', 'inherit'] })
  const printed = done.stdout.split(seam)
  for (const [i] of scripts.entries()) console.log(`--- block ${i + 1} of ${scripts.length}\n${printed[i]?.trim() ?? 'did not run'}`)
  if (done.error) throw done.error
  if (done.status !== 0) throw new Error(`the README's commands ended with ${done.status ?? done.signal} in block ${printed.length}`)
  return printed
}

async function check (): Promise<void> {
  const blocks = blocksUnder(HEADING, readFileSync('README.md', 'utf8'))
  const scripts = blocks.filter((block) => block.language === 'sh')
  if (!scripts.some((block) => /\bcurl\b/.test(block.text))) throw new Error(`README.md has no \`\`\`sh block with curl under "${HEADING}"`)
  if (await isOpen(PORT)) throw new Error(`port ${PORT}, which the README uses, is taken`)

  const home = mkdtempSync(join(tmpdir(), 'visage-readme-'))
  cpSync('.', home, { recursive: true, filter: (from) => !LEFT_BEHIND.has(relative('.', from)) })
  symlinkSync(resolve('node_modules'), join(home, 'node_modules'))
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VISAGE_|npm_)/i.test(name))
  // As a newcomer has it: with the system's own Node first, whichever that is.
  const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.endsWith('node_modules/.bin')).join(':')
  const env = { ...Object.fromEntries(inherited), PATH: path }
  const service = spawn('npm', ['start'], { cwd: home, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  for (const stream of [service.stdout, service.stderr]) stream.on('data', (chunk: Buffer) => { log += chunk.toString() })
  const isRunning = () => service.exitCode === null && service.signalCode === null
  try {
    const giveUp = Date.now() + START_MS
    while (!await isOpen(PORT)) {
      if (!isRunning() || Date.now() > giveUp) throw new Error(`npm start did not listen on port ${PORT}`)
      await sleep(100)
    }
    const printed = run(scripts.map((block) => block.text), home, env)
    let compared = 0
    for (const [i, block] of blocks.entries()) {
      const before = blocks[i - 1]
      if (block.language !== 'json' || before?.language !== 'sh') continue
      const text = printed[scripts.indexOf(before)]?.trim() ?? ''
      const wrong = difference(JSON.parse(block.text), JSON.parse(/^[{[].*$/ms.exec(text)?.[0] ?? 'null'))
      if (wrong) throw new Error(`the README promises another answer: ${wrong}`)
      compared++
    }
    if (compared === 0) throw new Error(`README.md promises no answer under "${HEADING}"`)
    console.log(`${scripts.length} blocks of "${HEADING}" ran as printed, ${compared} answers were as promised`)
  } catch (error) {
    console.error(log)
    throw error
  } finally {
    // The group is npm, its shell and the service: all of them started here.
    if (isRunning() && service.pid) {
      process.kill(-service.pid, 'SIGTERM')
      await Promise.race([once(service, 'exit'), sleep(STOP_MS, undefined, { ref: false })])
      if (isRunning()) process.kill(-service.pid, 'SIGKILL')
    }
    rmSync(home, { recursive: true, force: true })
  }
}

try {
  await check()
} catch (error) {
  console.error(`FAILURE: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
