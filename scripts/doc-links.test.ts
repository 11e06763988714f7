/** Links between the repository's documents lead somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')

const documents = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((file) => !/node_modules|\/\.bud\/|\/dist\//.test(file))

const linksOf = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '')

describe('documents', () => {
  it('link only to files that exist', () => {
    const broken = documents.flatMap((file) =>
      linksOf(readFileSync(file, 'utf8'))
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => !existsSync(resolve(dirname(file), link)))
        .map((link) => `${relative(root, file)} → ${link}`),
    )
    expect(broken).toEqual([])
  })
})
