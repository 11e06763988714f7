/** The search for credentials in texts, behind the StreamScanner port. */
import { SecretSearch } from '../domain/scan/secret-search.ts'
import type { StreamScanner } from '../ports.ts'

/**
 * Covers every byte that passes, as it promises nothing about those of binary files: see SecretSearch for what is
 * looked at. Raise the version whenever a rule changes.
 */
export const createSecretScanner = (): StreamScanner => ({
  name: 'secrets',
  version: async () => '1',
  watch(path) {
    const search = new SecretSearch(path)
    return {
      push: (chunk) => search.push(chunk),
      end: async () => ({ format: '', bytes_covered: search.bytesSeen, findings: search.end() }),
      abort() {},
    }
  },
})
