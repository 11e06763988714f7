/** The suite needs Debian's clamd, and the scanners of PyPI; these are installed when they are insisted on. */
import { isClamdInstalled } from '../parts/clamd.ts'
import { arePeersInstalled, installPeers, PEER_VERSIONS } from './install-peers.ts'

export const missingParts = async ({ require }: { require: boolean }): Promise<string[]> => [
  ...(isClamdInstalled() ? [] : ['clamd (apt-get install clamav-daemon)']),
  ...(await missingPeers(require)),
]

async function missingPeers(require: boolean): Promise<string[]> {
  if (arePeersInstalled()) return []
  const named = `picklescan ${PEER_VERSIONS.picklescan} and modelscan ${PEER_VERSIONS.modelscan}`
  if (!require) return [`${named} (--require installs them from PyPI for python3)`]
  console.log(`e2e scan: installing ${named} (1.6 GB with TensorFlow, once) …`)
  try {
    await installPeers()
    return []
  } catch (error) {
    return [`${named} (${error instanceof Error ? error.message : String(error)})`]
  }
}
