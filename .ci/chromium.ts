import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

const EXECUTABLE = '/usr/bin/chromium'

/** Debian's Chromium, which asks nobody but this machine. `home` is for whatever it keeps beside its profile. */
export async function openBrowser (home: string): Promise<Browser> {
  return await chromium.launch({
    executablePath: EXECUTABLE,
    env: { ...process.env, HOME: home },
    args: [
      '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run',
      '--host-resolver-rules=MAP localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  })
}
