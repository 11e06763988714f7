/** The suite needs Debian's clamd. */
import { isClamdInstalled } from '../parts/clamd.ts'

export const missingParts = async (_: { require: boolean }): Promise<string[]> => {
  return isClamdInstalled() ? [] : ['clamd (apt-get install clamav-daemon)']
}
