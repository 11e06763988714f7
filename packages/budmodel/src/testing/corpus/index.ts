/** Every case that the scanners are held against. */
import { archiveCases } from './archives.ts'
import { cleanModelCases } from './clean-models.ts'
import { configCases } from './configs.ts'
import type { CorpusCase } from './corpus-case.ts'
import { ggufCases } from './gguf.ts'
import { kerasCases } from './keras.ts'
import { notebookCases } from './notebooks.ts'
import { numpyCases } from './numpy.ts'
import { onnxCases } from './onnx.ts'
import { pickleDisguiseCases } from './pickle-disguises.ts'
import { pickleSequenceCases } from './pickle-sequences.ts'
import { pickleCases } from './pickles.ts'
import { programCases } from './programs.ts'
import { safetensorsCases } from './safetensors.ts'
import { templateCases } from './templates.ts'
import { torchZipCases } from './torch-zips.ts'
import { yamlCases } from './yaml.ts'
import { zipCases } from './zips.ts'

export const corpus: readonly CorpusCase[] = [
  ...pickleCases,
  ...pickleDisguiseCases,
  ...pickleSequenceCases,
  ...torchZipCases,
  ...zipCases,
  ...safetensorsCases,
  ...programCases,
  ...configCases,
  ...yamlCases,
  ...templateCases,
  ...notebookCases,
  ...archiveCases,
  ...ggufCases,
  ...kerasCases,
  ...numpyCases,
  ...onnxCases,
  ...cleanModelCases,
]
