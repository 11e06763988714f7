/** The scanners of PyPI that ours is compared with, in a virtual environment of their own. */
import { execFile } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const PEER_VERSIONS = { picklescan: '1.0.5', modelscan: '0.8.8' }

/** modelscan reads .keras files with TensorFlow only, and .npy files with an older numpy only. */
const NEEDS = ['tensorflow-cpu>=2.17,<3', 'numpy>=2,<2.3']

const name = `scanners-picklescan-${PEER_VERSIONS.picklescan}-modelscan-${PEER_VERSIONS.modelscan}`
const folder = join(process.env.BUD_PARTS_DIR ?? join(homedir(), '.cache/bud-parts'), name)
/** Written last, so that an installation cut short is begun again. */
const marker = join(folder, 'installed')
const run = promisify(execFile)

export const python = join(folder, 'bin/python')

export const arePeersInstalled = (): boolean => existsSync(marker)

/** 1.6 GB and two minutes, once. With all that they need for the formats they claim. */
export async function installPeers(): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', folder])
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check']
  const { picklescan, modelscan } = PEER_VERSIONS
  await run(python, [...pip, `picklescan[7z]==${picklescan}`, `modelscan[h5py]==${modelscan}`, ...NEEDS])
  await run(python, ['-c', 'import h5py, modelscan, numpy, picklescan, py7zr, tensorflow'])
  writeFileSync(marker, new Date().toISOString())
}
