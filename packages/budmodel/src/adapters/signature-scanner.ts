/** The built-in search for known byte strings, over every byte of every file, behind the StreamScanner port. */
import { SignatureSearch } from '../domain/scan/signature-search.ts'
import type { StreamScanner } from '../ports.ts'

/** Raise the version whenever a signature changes. */
export const createSignatureScanner = (): StreamScanner => ({
  name: 'signatures',
  version: async () => '1',
  watch() {
    const search = new SignatureSearch()
    return {
      push: (chunk) => search.push(chunk),
      end: async () => ({ format: '', bytes_covered: search.bytesSeen, findings: search.findings() }),
      abort() {},
    }
  },
})
