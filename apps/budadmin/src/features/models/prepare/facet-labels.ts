/** Values of facets as people call them. */
import { LicenceClass } from '@bud/contract'
import type { Tone } from '../../../prepare/states.ts'

/** Classes of size, as the registry cuts them. */
export const sizeTexts: Record<string, string> = {
  '1b': 'Below 3B',
  '7b': '7B (3–10B)',
  '13b': '13B (10–20B)',
  '34b': '34B (20–50B)',
  '70b': '70B (50–100B)',
  '200b': '200B (100–300B)',
  '405b': '405B (300B and up)',
}

const licenceClasses: Record<LicenceClass, { word: string; tone: Tone; meaning: string }> = {
  permissive: { word: 'permissive', tone: 'good', meaning: 'Any use, as long as its notice is kept.' },
  conditional: { word: 'conditional', tone: 'warn', meaning: 'Commercial use under conditions; read them.' },
  'non-commercial': { word: 'non-commercial', tone: 'bad', meaning: 'No commercial use.' },
  unknown: { word: 'unknown', tone: 'idle', meaning: 'Nothing says what is allowed.' },
}

export const licenceClassText = (name: LicenceClass) => licenceClasses[name]

const modalities: Record<string, string> = {
  text: 'Text',
  'vision-language': 'Vision and language',
  audio: 'Audio',
  embedding: 'Embedding',
  reranker: 'Reranker',
  image: 'Image',
  other: 'Other',
}
const kinds: Record<string, string> = { model: 'Models', adapter: 'Adapters (LoRA)' }
const origins: Record<string, string> = { registered: 'Registered', catalogue: 'Catalogue' }

export function facetLabel(facet: string, value: string): string {
  if (facet === 'size') return sizeTexts[value] ?? value
  if (facet === 'modality') return modalities[value] ?? value
  if (facet === 'kind') return kinds[value] ?? value
  if (facet === 'origin') return origins[value] ?? value
  if (facet === 'measured_gpu') return `measured on ${value}`
  if (facet === 'fits_cluster') return `fits on ${value}`
  if (facet === 'licence_class') return LicenceClass.safeParse(value).success ? `${value} licence` : value
  return value
}
