/** The committed reference data, read once for all tests of a file. */
import { createGpuCatalogue } from '@bud/budsim'
import { loadReferenceData } from '@bud/budsim/adapters/reference-data'

export const reference = loadReferenceData()
export const gpuCatalogue = createGpuCatalogue(reference.gpus)
