/** The browser suite needs a Chromium. */
import { existsSync } from 'node:fs'

const candidates = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
]

export const chromiumPath = (): string | undefined =>
  process.env.BUD_CHROMIUM ?? candidates.find((path) => existsSync(path))

export const missingParts = async (): Promise<string[]> =>
  chromiumPath() ? [] : ['Chromium (Debian: apt-get install chromium; or BUD_CHROMIUM=<path>)']
