// The steps of the Dockerfile, one after the other, where there is no engine: each stage in a Debian root of its own with the
// Node that the project brings. Then what the image starts, as its person and on a root file system that is read-only, has
// to be healthy by the image's own words, obey an operator's command, and stop at its signal.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const ROOT = resolve(import.meta.dirname, '..')
const START_MS = 20_000
const RELEASE = 'bookworm'
const CERTIFICATES = process.env.NODE_EXTRA_CA_CERTS
const home = mkdtempSync(join(tmpdir(), 'visage-image-'))

interface Stage { root: string, folder: string, user: string, env: Record<string, string>, health: string[], command: string[] }

/** The instructions, each with what stands behind its name. */
const instructions = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').split('\n')
  .flatMap((line) => { const [, name, rest] = /^([A-Z]+) (.*)$/.exec(line) ?? []; return name === undefined || rest === undefined ? [] : [[name, rest] as const] })

/** What stands for the base image: Debian, Node with npm, and the person of that image. */
function makeBase (): string {
  const base = join(home, 'base')
  execFileSync('debootstrap', ['--variant=minbase', RELEASE, base, 'http://deb.debian.org/debian'], { stdio: ['ignore', 'ignore', 'inherit'] })
  copyFileSync(process.execPath, join(base, 'usr/local/bin/node'))
  const npm = realpathSync(execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim())
  cpSync(join(dirname(npm), '..'), join(base, 'usr/local/lib/node_modules/npm'), { recursive: true })
  // As this machine reaches the registry.
  for (const file of ['/etc/resolv.conf', '/etc/hosts', CERTIFICATES ?? ''].filter((name) => existsSync(name))) {
    mkdirSync(dirname(join(base, file)), { recursive: true })
    copyFileSync(file, join(base, file))
  }
  if (existsSync(join(homedir(), '.npmrc'))) copyFileSync(join(homedir(), '.npmrc'), join(base, 'root/.npmrc'))
  execFileSync('chroot', [base, 'sh', '-c', 'useradd --create-home node && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm'])
  return base
}

/** What runs a command in a root, with what an engine would mount there; none of it is left when it ends. */
function within ({ root, folder, user, env }: Stage, command: readonly string[], { isReadOnly = false } = {}) {
  const mounts = [
    `mount --bind ${root} ${root}`,
    ...isReadOnly ? [`mount --bind ${root}/data ${root}/data`, `mount -t tmpfs none ${root}/tmp`, `mount -o remount,bind,ro ${root}`] : [],
    `mount -t proc none ${root}/proc`,
    `mount --bind /dev ${root}/dev`,
  ]
  const script = `${mounts.join(' && ')} && exec chroot --userspec=${user}:${user} ${root} sh -c 'cd ${folder} && exec "$@"' sh "$@"`
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  return { args: ['--mount', 'sh', '-c', script, 'sh', ...command], env: { PATH: path, HOME: '/root', ...CERTIFICATES && { NODE_EXTRA_CA_CERTS: CERTIFICATES }, ...env } }
}

function run (stage: Stage, command: readonly string[], options = {}): string {
  const { args, env } = within(stage, command, options)
  const { status, stdout, stderr } = spawnSync('unshare', args, { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command.join(' ')}: ended with ${status}\n${stdout}${stderr}`)
  return stdout
}

function copy (stage: Stage, text: string, stages: Map<string, Stage>): void {
  const words = text.split(' ')
  const from = /^--from=(.*)$/.exec(words[0] ?? '')?.[1]
  const source = from === undefined ? ROOT : stages.get(from)?.root ?? ''
  const [to = '', ...names] = words.slice(from === undefined ? 0 : 1).toReversed()
  if (names[0] === '.') {
    // What git has, which `.dockerignore` leaves nothing of that the build would miss.
    execFileSync('sh', ['-c', `git -C ${ROOT} ls-files -z | tar -C ${ROOT} --null -T - -cf - | tar -C ${stage.root}${stage.folder} -xf -`])
    return
  }
  for (const name of names) cpSync(join(source, name), join(stage.root, resolve(stage.folder, to), to.endsWith('/') ? name.split('/').at(-1) ?? '' : ''), { recursive: true, verbatimSymlinks: true })
}

/** Carries out the file. Resolves to the last stage, which is the image. */
function buildImage (base: string): Stage {
  const stages = new Map<string, Stage>()
  let stage = {} as Stage
  for (const [name, text] of instructions) {
    if (name === 'FROM') {
      const [, image = '', called = 'image'] = /^(\S+)(?: AS (\w+))?$/.exec(text) ?? []
      if (image !== `node:24-${RELEASE}-slim`) throw new Error(`what stands for ${image}?`)
      stage = { root: join(home, called), folder: '/', user: 'root', env: {}, health: [], command: [] }
      stages.set(called, stage)
      execFileSync('cp', ['-a', base, stage.root])
    }
    if (name === 'WORKDIR') mkdirSync(join(stage.root, stage.folder = text), { recursive: true })
    if (name === 'COPY') copy(stage, text, stages)
    if (name === 'ENV') for (const [, key = '', value = ''] of text.matchAll(/(\w+)=(\S+)/g)) stage.env[key] = value
    if (name === 'USER') stage.user = text
    if (name === 'RUN') run(stage, ['sh', '-c', text])
    if (name === 'HEALTHCHECK') stage.health = JSON.parse(text.slice(text.indexOf('['))) as string[]
    if (name === 'CMD') stage.command = JSON.parse(text) as string[]
  }
  return stage
}

async function serves (image: Stage): Promise<void> {
  const options = { isReadOnly: true }
  const { args, env } = within(image, image.command, options)
  const child = spawn('unshare', args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  let log = ''
  child.stdout.on('data', (chunk: Buffer) => { log += chunk.toString() })
  try {
    const giveUp = Date.now() + START_MS
    while (!log.includes('Visage listens on')) {
      if (child.exitCode !== null || Date.now() > giveUp) throw new Error(`the image does not start:\n${log}`)
      await sleep(50)
    }
    run(image, image.health, options)
    const made = JSON.parse(run(image, ['visage', 'users', 'create', '--username', 'ada'], options)) as { id: number }
    if (made.id !== 1) throw new Error(`the operator's command made ${JSON.stringify(made)}`)
    child.kill('SIGTERM')
    const [code] = await exited as [number | null]
    if (code !== 0) throw new Error(`it stopped with ${code}:\n${log}`)
    try {
      run(image, image.health, options)
    } catch {
      return
    }
    throw new Error('it is healthy although it has stopped')
  } finally {
    child.kill('SIGKILL')
  }
}

try {
  const image = buildImage(makeBase())
  const bytes = execFileSync('du', ['-sm', join(image.root, 'app')], { encoding: 'utf8' }).split('\t')[0]
  await serves(image)
  console.log(`${instructions.length} instructions were carried out; the program takes ${bytes} MB, is healthy, obeys and stops`)
} catch (error) {
  console.error('FAILURE:', error)
  process.exitCode = 1
} finally {
  rmSync(home, { recursive: true, force: true })
}
