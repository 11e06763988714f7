/** `npm run dev`: the server restarts when its sources change, the dashboard reloads by Vite and proxies to it. */
import { spawn } from 'node:child_process'

const watched = ['packages', 'apps/foundry', 'apps/enginesim', 'apps/gateway'].flatMap((path) => ['--watch-path', path])
const serverArgs = [...watched, '--watch-preserve-output', 'apps/foundry/src/main.ts', ...process.argv.slice(2)]
const children = [
  spawn(process.execPath, serverArgs, { stdio: 'inherit' }),
  spawn('npx', ['--no-install', 'vite', 'apps/budadmin'], { stdio: 'inherit' }),
]

const stopAll = () => {
  for (const child of children) child.kill('SIGTERM')
}
process.on('SIGINT', stopAll)
process.on('SIGTERM', stopAll)
for (const child of children) child.on('exit', stopAll)
