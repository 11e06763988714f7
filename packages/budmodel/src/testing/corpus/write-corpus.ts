/**
 * Writes every case of the corpus below a folder, for scanners of any kind: one folder per case, and corpus.json that
 * says what each is. Usage: node packages/budmodel/src/testing/corpus/write-corpus.ts <folder>
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { corpus } from './index.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write('Say where: node packages/budmodel/src/testing/corpus/write-corpus.ts <folder>\n')
  process.exitCode = 1
} else {
  for (const { name, files } of corpus) {
    for (const [path, content] of Object.entries(files)) {
      const file = join(folder, name, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
    }
  }
  const listed = corpus.map(({ files, ...about }) => ({ published: null, ...about, files: Object.keys(files) }))
  await writeFile(join(folder, 'corpus.json'), `${JSON.stringify(listed, null, 2)}\n`)
  process.stdout.write(`${corpus.length} cases below ${folder}\n`)
}
