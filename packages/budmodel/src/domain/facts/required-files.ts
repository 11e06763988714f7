/** Whether a folder can be a model at all, judged by its file names: said before a byte is copied. */
import type { Reason } from '@bud/kernel'
import { extensionOf } from '../file-path.ts'

export interface NamedFile {
  path: string
  bytes: number
}

export const ADAPTER_CONFIG = 'adapter_config.json'

/** An adapter changes a base model and is none itself. */
export const isAdapter = (files: readonly NamedFile[]): boolean =>
  files.some(({ path }) => path === ADAPTER_CONFIG) && !files.some(({ path }) => path === 'config.json')

/** Weight files at the top of the folder: safetensors, else torch's, else GGUF. */
export function weightFilesOf<File extends NamedFile>(files: readonly File[]): File[] {
  const top = files.filter(({ path }) => !path.includes('/'))
  const safetensors = top.filter(({ path }) => extensionOf(path) === '.safetensors')
  const torch = top.filter(({ path }) => ['.bin', '.pt', '.pth'].includes(extensionOf(path)) && !isSideFile(path))
  if (safetensors.length > 0) return withoutConsolidated(safetensors)
  return torch.length > 0 ? withoutConsolidated(torch) : ggufFilesOf(top)
}

export const ggufFilesOf = <File extends NamedFile>(files: readonly File[]): File[] =>
  files.filter(({ path }) => extensionOf(path) === '.gguf')

/** Everything that is missing, with what to do; empty when the folder can be read as a model or an adapter. */
export function missingFiles(files: readonly NamedFile[]): Reason[] {
  if (files.length === 0) {
    return [
      {
        code: 'no-files',
        message: 'There are no files.',
        next_step: 'Put config.json and the weight files there, then register again.',
      },
    ]
  }
  const weights = weightFilesOf(files)
  const reasons: Reason[] = []
  // A GGUF file says itself what it is.
  const needsConfig = !isAdapter(files) && ggufFilesOf(weights).length === 0
  if (needsConfig && !files.some(({ path }) => path === 'config.json')) reasons.push(configMissing(files))
  if (weights.length === 0) {
    reasons.push({
      code: 'weights-missing',
      message: 'There are no weight files (*.safetensors, *.bin or *.gguf).',
      next_step: 'Add the weight files, best in the safetensors format, then register again.',
    })
  }
  return reasons
}

function configMissing(files: readonly NamedFile[]): Reason {
  const nested = files.find(({ path }) => path.endsWith('/config.json'))
  return {
    code: 'config-missing',
    message: 'config.json is missing: the architecture cannot be known without it.',
    next_step: nested
      ? `There is one at ${nested.path}: register the folder it lies in.`
      : 'Add the model’s config.json (in the Hugging Face format) beside its weight files, then register again.',
  }
}

/** Some publishers add all weights a second time as consolidated.*: not counted twice. */
function withoutConsolidated<File extends NamedFile>(files: readonly File[]): File[] {
  const sharded = files.filter(({ path }) => !path.startsWith('consolidated'))
  return sharded.length > 0 ? sharded : [...files]
}

const isSideFile = (path: string): boolean => /^(training_args|optimizer|scheduler|rng_state|scaler)/.test(path)
