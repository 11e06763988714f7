/** Holds the arrows of ARCHITECTURE.md: who may import whom, and that nobody reaches past another package's exports. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parseSync } from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { allowedImports, type PackageName } from './arrows.ts'

const root = resolve(import.meta.dirname, '..')

interface Import {
  file: string
  specifier: string
}

const sourceFiles = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes('node_modules') && !file.includes('/dist/'))

function importsOf(file: string): Import[] {
  const { module } = parseSync(file, readFileSync(file, 'utf8'))
  const requests = [
    ...module.staticImports.map((entry) => entry.moduleRequest.value),
    ...module.staticExports.flatMap((entry) => entry.entries.flatMap((e) => e.moduleRequest?.value ?? [])),
  ]
  return requests.map((specifier) => ({ file, specifier }))
}

const packages = [
  ...readdirSync(join(root, 'packages')).map((name) => ({ name, folder: `packages/${name}` })),
  ...readdirSync(join(root, 'apps')).map((name) => ({ name, folder: `apps/${name}` })),
]

/** The layer a file of a package belongs to. Files at the root of `src` join the others; platform's drizzle.ts is a library. */
function layerOf(path: string): string {
  if (path.endsWith('/ports.ts')) return 'ports'
  if (path.endsWith('/platform/src/drizzle.ts')) return 'library'
  return /\/src\/(domain|services|workflows|adapters|testing)\//.exec(path)?.[1] ?? 'root'
}

const forbiddenLayers: Record<string, string[]> = {
  domain: ['ports', 'services', 'workflows', 'adapters', 'root'],
  ports: ['services', 'workflows', 'adapters', 'root'],
  services: ['workflows', 'adapters', 'root'],
  workflows: ['adapters', 'root'],
  adapters: ['services', 'workflows', 'root'],
}

describe('architecture', () => {
  for (const { name, folder } of packages) {
    const allowed: readonly string[] = allowedImports[name as PackageName] ?? []
    const imports = sourceFiles(`${folder}/src`).flatMap(importsOf)

    it(`${folder} imports only ${allowed.join(', ') || 'nothing'} of ours`, () => {
      expect(Object.keys(allowedImports)).toContain(name)
      const violations = imports
        .filter(({ specifier }) => specifier.startsWith('@bud/'))
        .filter(({ specifier, file }) => {
          const [, target = '', ...rest] = specifier.split('/')
          if (rest[0] === 'testing' && /\.(test|contract)\.tsx?$|\/testing\//.test(file))
            return !allowed.includes(target)
          if (rest[0] === 'adapters' && !folder.startsWith('apps/') && !/\.test\.ts$|\/testing\//.test(file))
            return true
          return !allowed.includes(target)
        })
        .map(({ file, specifier }) => `${relative(root, file)} → ${specifier}`)
      expect(violations).toEqual([])
    })

    it(`${folder} keeps its own layers: domain ← ports ← services ← workflows, adapters → ports`, () => {
      const violations = imports
        .filter(({ specifier, file }) => specifier.startsWith('.') && !/\.test\.tsx?$|\/testing\//.test(file))
        .map(({ file, specifier }) => ({ file, target: resolve(dirname(file), specifier) }))
        .filter(
          ({ file, target }) =>
            !target.startsWith(join(root, folder)) || (forbiddenLayers[layerOf(file)] ?? []).includes(layerOf(target)),
        )
        .map(({ file, target }) => `${relative(root, file)} → ${relative(root, target)}`)
      expect(violations).toEqual([])
    })
  }
})
