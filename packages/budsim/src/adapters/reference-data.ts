/** The committed reference data: GPU and model catalogues, the price book and kernel times. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { failed, type GpuSpec, messageOf } from '@bud/kernel'
import { parse as parseYaml } from 'yaml'
import { type CatalogueModel, toCatalogueModel, toGpuSpec } from '../domain/catalogue-rows.ts'
import { parseCsv } from '../domain/csv.ts'
import { KernelData } from '../domain/kernels/kernel-data.ts'
import { createKernelModel, type KernelModel } from '../domain/kernels/kernel-model.ts'
import { PriceBook } from '../domain/price-book.ts'

export interface ReferenceData {
  gpus: GpuSpec[]
  models: CatalogueModel[]
  prices: PriceBook
  kernels: KernelModel
}

const COMMITTED_FOLDER = join(import.meta.dirname, '../../../../data')

/** Throws `failed`, naming the file, when one is missing or does not parse; kernel times are read at their first use. */
export function loadReferenceData(folder: string = COMMITTED_FOLDER): ReferenceData {
  const gpus = loadGpus(folder)
  return {
    gpus,
    models: read(folder, 'models.csv', (text) => parseCsv(text).map(toCatalogueModel)),
    prices: read(folder, 'prices.yaml', (text) => PriceBook.parse(parseYaml(text))),
    kernels: atFirstUse(() => createKernelModel(loadKernelData(folder), gpus)),
  }
}

export function loadGpus(folder: string = COMMITTED_FOLDER): GpuSpec[] {
  return read(folder, 'gpus.csv', (text) => parseCsv(text).map(toGpuSpec))
}

function atFirstUse(create: () => KernelModel): KernelModel {
  let model: KernelModel | undefined
  return {
    forGpu(gpu) {
      model ??= create()
      return model.forGpu(gpu)
    },
  }
}

function loadKernelData(folder: string): KernelData {
  const part = <Name extends keyof KernelData>(name: Name): KernelData[Name] =>
    read(folder, `kernels/${name}.json`, (text) => KernelData.shape[name].parse(JSON.parse(text)) as KernelData[Name])
  return {
    gemm: part('gemm'),
    attention: part('attention'),
    collectives: part('collectives'),
    experts: part('experts'),
  }
}

function read<T>(folder: string, name: string, parse: (text: string) => T): T {
  const path = join(folder, name)
  try {
    return parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw failed(`Reference data ${path} cannot be used: ${messageOf(error)}`, [], error)
  }
}
