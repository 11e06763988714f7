/** Makes data/kernels from the raw kernel tables and prints the fit errors: node fit-kernels.ts <folder with the csv.gz files>. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadGpus } from '../adapters/reference-data.ts'
import { fitDecodeAttention, fitLatentAttention, fitPrefillAttention } from './fit/fit-attention.ts'
import { fitCollectives } from './fit/fit-collectives.ts'
import { fitExperts } from './fit/fit-experts.ts'
import { fitGemm } from './fit/fit-gemm.ts'
import { createGpuById } from './fit/gpu-by-id.ts'
import { type FitRow, toErrorTable } from './fit/report.ts'
import { toLines } from './fit/to-lines.ts'

const OUTPUT = join(import.meta.dirname, '../../../../data/kernels')

function main(folder: string | undefined): void {
  if (folder === undefined) throw new Error('Say the folder with the kernel tables: fit-kernels.ts <folder>')
  const gpuById = createGpuById(loadGpus())
  const rows: FitRow[] = []
  const files = {
    gemm: fitGemm(folder, gpuById, rows),
    attention: {
      decode: fitDecodeAttention(folder, gpuById, rows),
      prefill: fitPrefillAttention(folder, gpuById, rows),
      ...fitLatentAttention(folder, gpuById, rows),
    },
    collectives: fitCollectives(folder, rows),
    experts: fitExperts(folder, gpuById, rows),
  }
  mkdirSync(OUTPUT, { recursive: true })
  for (const [name, content] of Object.entries(files)) writeFileSync(join(OUTPUT, `${name}.json`), toLines(content))
  process.stdout.write(`${toErrorTable(rows)}\n`)
}

main(process.argv[2])
