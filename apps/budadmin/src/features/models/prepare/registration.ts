/** The registration form as what is sent, with every problem at once. */
import { RegisterModel } from '@bud/contract'
import type { Registration } from '../api/use-register-model.ts'
import type { UploadPlan } from './upload.ts'

export interface RegistrationForm {
  name: string
  from: 'folder' | 'path'
  sourcePath: string
  plan: UploadPlan | undefined
  architecture: string
  parameterCount: number | undefined
  contextLength: number | undefined
}

export const emptyRegistration: RegistrationForm = {
  name: '',
  from: 'folder',
  sourcePath: '',
  plan: undefined,
  architecture: '',
  parameterCount: undefined,
  contextLength: undefined,
}

export type FieldProblems = Partial<Record<'name' | 'source' | 'architecture', string>>

type Parsed = { ok: true; registration: Registration } | { ok: false; problems: FieldProblems }

export function parseRegistration(form: RegistrationForm): Parsed {
  const problems: FieldProblems = {}
  const name = RegisterModel.shape.name.safeParse(form.name.trim())
  if (!name.success) problems.name = name.error.issues[0]?.message ?? 'is not a valid name'
  const source = sourceOf(form)
  if (typeof source === 'string') problems.source = source
  if (problems.name !== undefined || typeof source === 'string' || !name.success) return { ok: false, problems }
  const architecture = form.architecture.trim()
  return {
    ok: true,
    registration: {
      source,
      claims: {
        name: name.data,
        ...(architecture ? { architecture } : {}),
        ...(form.parameterCount ? { parameter_count: form.parameterCount } : {}),
        ...(form.contextLength ? { context_length: form.contextLength } : {}),
      },
    },
  }
}

/** The source, or what is wrong with it. */
function sourceOf(form: RegistrationForm): Registration['source'] | string {
  if (form.from === 'folder') {
    return form.plan ? { kind: 'folder', plan: form.plan } : 'choose the folder with config.json and the weights'
  }
  const sourcePath = form.sourcePath.trim()
  return /^s3:\/\/[^/]+\/.+/.test(sourcePath)
    ? { kind: 'path', sourcePath }
    : 'give the bucket and the folder, as in s3://models/my-custom-model'
}
