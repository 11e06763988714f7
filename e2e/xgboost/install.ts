/** The XGBoost of PyPI in a virtual environment of its own. */
import { execFile } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const XGBOOST_VERSION = '3.2.0'
/** In the newest release that the machine's python takes. */
const NEEDS = ['numpy>=1.26', 'scipy>=1.11']

const folder = join(process.env.BUD_PARTS_DIR ?? join(homedir(), '.cache/bud-parts'), `xgboost-${XGBOOST_VERSION}`)
/** Written last, so that an installation cut short is begun again. */
const marker = join(folder, 'installed')
const run = promisify(execFile)

export const python = join(folder, 'bin/python')

export const isXgboostInstalled = (): boolean => existsSync(marker)

/** 470 MB and about a minute, once. Without the libraries for several GPUs that XGBoost would bring. */
export async function installXgboost(): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', folder])
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:']
  await run(python, [...pip, ...NEEDS])
  await run(python, [...pip, '--no-deps', `xgboost==${XGBOOST_VERSION}`])
  await run(python, ['-c', 'import xgboost'])
  writeFileSync(marker, new Date().toISOString())
}
