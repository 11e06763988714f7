/** What a process and all its descendants use, read from /proc. Linux only. */
import { readdirSync, readFileSync } from 'node:fs'

const CLOCK_TICKS_PER_S = 100

export function processTree(root: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = statFields(Number(name))?.[1]
    if (parent !== undefined) parents.set(Number(name), Number(parent))
  }
  const tree = [root]
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child)
  return tree
}

/** Proportional set size of all of them, so that shared pages count once. MiB. */
export function summedPssMib(pids: readonly number[]): number {
  const kib = pids.map((pid) => {
    const match = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))
    return Number(match?.[1] ?? 0)
  })
  return kib.reduce((sum, value) => sum + value, 0) / 1024
}

/** CPU seconds used so far. */
export function cpuSeconds(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const fields = statFields(pid)
    return fields ? Number(fields[11]) + Number(fields[12]) : 0
  })
  return ticks.reduce((sum, value) => sum + value, 0) / CLOCK_TICKS_PER_S
}

/** Fields of /proc/pid/stat after the name, which may hold spaces: [0] is the state, [1] the parent. */
function statFields(pid: number): string[] | undefined {
  const text = read(`/proc/${pid}/stat`)
  return text ? text.slice(text.lastIndexOf(')') + 2).split(' ') : undefined
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
