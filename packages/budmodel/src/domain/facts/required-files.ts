/** Whether a folder can be a model at all, judged by its file names: said before a byte is copied. */
import type { Reason } from '@bud/kernel'
import { extensionOf } from '../file-path.ts'

export interface NamedFile {
  path: string
  bytes: number
}

/** Weight files at the top of the folder: safetensors, or torch's where there are no safetensors. */
export function weightFilesOf<File extends NamedFile>(files: readonly File[]): File[] {
  const top = files.filter(({ path }) => !path.includes('/'))
  const safetensors = top.filter(({ path }) => extensionOf(path) === '.safetensors')
  const torch = top.filter(({ path }) => ['.bin', '.pt', '.pth'].includes(extensionOf(path)) && !isSideFile(path))
  return safetensors.length > 0 ? withoutConsolidated(safetensors) : withoutConsolidated(torch)
}

/** Everything that is missing, with what to do; empty when the folder can be read as a model. */
export function missingFiles(files: readonly NamedFile[]): Reason[] {
  const reasons: Reason[] = []
  if (files.length === 0) {
    return [
      {
        code: 'no-files',
        message: 'There are no files.',
        next_step: 'Put config.json and the weight files there, then register again.',
      },
    ]
  }
  if (!files.some(({ path }) => path === 'config.json')) {
    const nested = files.find(({ path }) => path.endsWith('/config.json'))
    reasons.push({
      code: 'config-missing',
      message: 'config.json is missing: the architecture cannot be known without it.',
      next_step: nested
        ? `There is one at ${nested.path}: register the folder it lies in.`
        : 'Add the model’s config.json (in the Hugging Face format) beside its weight files, then register again.',
    })
  }
  if (weightFilesOf(files).length === 0) {
    const gguf = files.find(({ path }) => extensionOf(path) === '.gguf')
    reasons.push({
      code: 'weights-missing',
      message: gguf
        ? `The only weights are GGUF (${gguf.path}), which cannot be registered.`
        : 'There are no weight files (*.safetensors or *.bin).',
      next_step: 'Add the weight files in the safetensors format, then register again.',
    })
  }
  return reasons
}

/** Some publishers add all weights a second time as consolidated.*: not counted twice. */
function withoutConsolidated<File extends NamedFile>(files: readonly File[]): File[] {
  const sharded = files.filter(({ path }) => !path.startsWith('consolidated'))
  return sharded.length > 0 ? sharded : [...files]
}

const isSideFile = (path: string): boolean => /^(training_args|optimizer|scheduler|rng_state|scaler)/.test(path)
