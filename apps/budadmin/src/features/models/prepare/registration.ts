/** The registration form as what is sent, with every problem at once. */
import { RegisterModel } from '@bud/contract'
import { toModelName, type UploadPlan } from './upload.ts'

export const sourceKinds = ['upload', 'hub', 's3', 'folder'] as const
export type SourceKind = (typeof sourceKinds)[number]

export interface RegistrationForm {
  name: string
  from: SourceKind
  plan: UploadPlan | undefined
  repository: string
  revision: string
  s3Path: string
  serverFolder: string
  architecture: string
  parameterCount: number | undefined
  contextLength: number | undefined
  baseModel: string
  licence: string
}

export const emptyRegistration: RegistrationForm = {
  name: '',
  from: 'upload',
  plan: undefined,
  repository: '',
  revision: '',
  s3Path: '',
  serverFolder: '',
  architecture: '',
  parameterCount: undefined,
  contextLength: undefined,
  baseModel: '',
  licence: '',
}

export type Claims = Omit<RegisterModel, 'name' | 'source_path'>

export interface Registration {
  name: string
  claims: Claims
  source: { kind: 'path'; sourcePath: string } | { kind: 'upload'; plan: UploadPlan }
}

export type FieldProblems = Partial<Record<'name' | 'source' | 'revision', string>>
type Parsed = { ok: true; registration: Registration } | { ok: false; problems: FieldProblems }

export function parseRegistration(form: RegistrationForm): Parsed {
  const problems: FieldProblems = {}
  const name = RegisterModel.shape.name.safeParse(form.name.trim())
  if (!name.success) problems.name = name.error.issues[0]?.message ?? 'is not a valid name'
  const source = sourceOf(form)
  if (typeof source === 'string') problems.source = source
  if (form.from === 'hub' && /[\s@]/.test(form.revision.trim())) problems.revision = 'a branch, a tag or a commit'
  if (Object.keys(problems).length > 0 || typeof source === 'string' || !name.success) return { ok: false, problems }
  return { ok: true, registration: { name: name.data, source, claims: claimsOf(form) } }
}

/** What was left empty is not claimed. */
function claimsOf(form: RegistrationForm): Claims {
  const architecture = form.architecture.trim()
  const baseModel = form.baseModel.trim()
  const licence = form.licence.trim()
  return {
    ...(architecture ? { architecture } : {}),
    ...(form.parameterCount ? { parameter_count: form.parameterCount } : {}),
    ...(form.contextLength ? { context_length: form.contextLength } : {}),
    ...(baseModel ? { base_model: baseModel } : {}),
    ...(licence ? { licence } : {}),
  }
}

/** The source, or what is wrong with it. */
function sourceOf(form: RegistrationForm): Registration['source'] | string {
  if (form.from === 'upload')
    return form.plan ? { kind: 'upload', plan: form.plan } : 'choose the folder with config.json and the weights'
  if (form.from === 'hub') return hubPath(form.repository, form.revision)
  return form.from === 's3' ? s3Path(form.s3Path) : folderPath(form.serverFolder)
}

const path = (sourcePath: string): Registration['source'] => ({ kind: 'path', sourcePath })

/** Also takes what people copy from the address bar: https://host/org/name. */
function hubPath(repository: string, revision: string): Registration['source'] | string {
  const id = repository
    .trim()
    .replace(/^(hf:\/\/|https?:\/\/[^/]+\/)/, '')
    .replace(/\/+$/, '')
  if (!/^[\w.-]+\/[\w.-]+(@[^\s@]+)?$/.test(id)) return 'give organisation and name, as in meta-llama/Llama-3.1-8B'
  const wanted = revision.trim()
  return path(wanted && !id.includes('@') ? `hf://${id}@${wanted}` : `hf://${id}`)
}

function s3Path(text: string): Registration['source'] | string {
  const given = text.trim()
  return /^s3:\/\/[^/]+\/.+/.test(given)
    ? path(given)
    : 'give the bucket and the folder, as in s3://models/my-custom-model'
}

function folderPath(text: string): Registration['source'] | string {
  const given = text.trim().replace(/^file:\/\//, '')
  return given.startsWith('/') ? path(`file://${given}`) : 'give the whole path, as in /srv/models/my-custom-model'
}

/** The name that a source suggests; empty while it suggests none. */
export function suggestedName(form: RegistrationForm): string {
  const last = (text: string) => toModelName(text.trim().replace(/\/+$/, '').split('/').at(-1) ?? '')
  if (form.from === 'upload') return toModelName(form.plan?.folder ?? '')
  if (form.from === 'hub') {
    const source = hubPath(form.repository, '')
    return typeof source === 'string' || source.kind !== 'path'
      ? ''
      : toModelName(source.sourcePath.slice('hf://'.length).replace(/@.*$/, ''))
  }
  const given = form.from === 's3' ? form.s3Path : form.serverFolder
  return given.includes('/') ? last(given) : ''
}
