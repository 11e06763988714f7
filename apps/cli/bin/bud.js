#!/usr/bin/env node
// Runs on any Node; hands over to the Node that the project brings when this one is too old for TypeScript.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const ours = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url))

if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import(main)
} else if (existsSync(ours)) {
  const { status, signal } = spawnSync(ours, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  process.exitCode = signal ? 130 : (status ?? 1)
} else {
  console.error('bud needs Node 24 or the project’s own: run "npm install" in the project folder once.')
  process.exitCode = 1
}
