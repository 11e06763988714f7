/** One thing that a scanner has to tell apart: an attack it must block, or a sound model it must leave alone. */
export interface CorpusCase {
  /** Kebab-case, unique; also the folder's name when the corpus is written out. */
  name: string
  kind: 'malicious' | 'clean'
  /** Path → content. */
  files: Record<string, Uint8Array>
  /** Rules of which at least one must block; empty for clean ones. */
  expects: readonly string[]
  /** One sentence: what it would do, or why it looks suspicious and is not. */
  why: string
  /** Where the technique was published, e.g. "GHSA-7q5r-7gvp-wc82". */
  published?: string
}
