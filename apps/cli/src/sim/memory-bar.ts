/** What one GPU's memory is spent on, as a bar for the terminal. */
import type { MemoryFit } from '@bud/kernel'
import { bytes } from '../output.ts'

const WIDTH = 50

/** Where it does not fit, the bar is as long as what is needed and a mark stands where memory ends. */
export function memoryBar(memory: MemoryFit): string {
  const needed = memory.weights_bytes + memory.activation_bytes + memory.overhead_bytes
  const parts = [
    { fill: '█', name: 'weights', bytes: memory.weights_bytes },
    { fill: '▓', name: 'activations', bytes: memory.activation_bytes },
    { fill: '▒', name: 'overhead', bytes: memory.overhead_bytes },
    { fill: '░', name: 'KV cache', bytes: memory.kv_cache_bytes },
    { fill: '·', name: 'kept free', bytes: Math.max(memory.gpu_memory_bytes - needed - memory.kv_cache_bytes, 0) },
  ]
  const scale = WIDTH / Math.max(memory.gpu_memory_bytes, needed)
  let filled = 0
  let cells = 0
  const bar = parts.map((part) => {
    filled += part.bytes
    const upTo = Math.round(filled * scale)
    const text = part.fill.repeat(Math.max(upTo - cells, 0))
    cells = Math.max(upTo, cells)
    return text
  })
  const end = Math.round(memory.gpu_memory_bytes * scale)
  const drawn = bar.join('').padEnd(WIDTH, '·')
  const marked = end < WIDTH ? `${drawn.slice(0, end)}│${drawn.slice(end)}` : drawn
  const legend = parts.filter((part) => part.bytes > 0).map((part) => `${part.fill} ${part.name} ${bytes(part.bytes)}`)
  return `${marked} ${bytes(memory.gpu_memory_bytes)} per GPU\n${legend.join('  ')}`
}
