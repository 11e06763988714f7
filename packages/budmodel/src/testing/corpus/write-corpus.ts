/**
 * Writes the corpus below a folder, for scanners of any kind: one folder per case, and corpus.json that says what each
 * is. Usage: node packages/budmodel/src/testing/corpus/write-corpus.ts <folder>
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { CorpusCase } from './corpus-case.ts'
import { corpus } from './index.ts'

export async function writeCorpus(folder: string, cases: readonly CorpusCase[] = corpus): Promise<void> {
  for (const { name, files } of cases) {
    for (const [path, content] of Object.entries(files)) {
      const file = join(folder, name, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
    }
  }
  const listed = cases.map(({ files, ...about }) => ({ published: null, ...about, files: Object.keys(files) }))
  await writeFile(join(folder, 'corpus.json'), `${JSON.stringify(listed, null, 2)}\n`)
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2)
  if (folder === undefined) {
    process.stderr.write('Say where: node packages/budmodel/src/testing/corpus/write-corpus.ts <folder>\n')
    process.exitCode = 1
  } else {
    await writeCorpus(folder)
    process.stdout.write(`${corpus.length} cases below ${folder}\n`)
  }
}
