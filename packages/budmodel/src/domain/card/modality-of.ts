/** What goes in and out of a model, from the task its card names, else from its tags, library and configuration. */
import type { ModelModality } from '../listing/modality.ts'

const OF_TASK: Readonly<Record<string, ModelModality>> = {
  'text-generation': 'text',
  'text2text-generation': 'text',
  conversational: 'text',
  summarization: 'text',
  translation: 'text',
  'question-answering': 'text',
  'fill-mask': 'text',
  'text-classification': 'text',
  'token-classification': 'text',
  'zero-shot-classification': 'text',
  'table-question-answering': 'text',
  'image-text-to-text': 'vision-language',
  'visual-question-answering': 'vision-language',
  'document-question-answering': 'vision-language',
  'image-to-text': 'vision-language',
  'video-text-to-text': 'vision-language',
  'any-to-any': 'vision-language',
  'automatic-speech-recognition': 'audio',
  'text-to-speech': 'audio',
  'text-to-audio': 'audio',
  'audio-to-audio': 'audio',
  'audio-text-to-text': 'audio',
  'audio-classification': 'audio',
  'voice-activity-detection': 'audio',
  'feature-extraction': 'embedding',
  'sentence-similarity': 'embedding',
  'text-ranking': 'reranker',
  'text-to-image': 'image',
  'image-to-image': 'image',
  'text-to-video': 'image',
  'image-to-video': 'image',
  'unconditional-image-generation': 'image',
  'image-classification': 'image',
  'image-segmentation': 'image',
  'object-detection': 'image',
  'depth-estimation': 'image',
}

/** Undefined when neither task, tags nor library tell. */
export function modalityOf(
  task: string | null,
  tags: readonly string[],
  library: string | null,
): ModelModality | undefined {
  const lower = tags.map((tag) => tag.toLowerCase())
  const isReranker = lower.some((tag) => tag === 'reranker' || tag === 'cross-encoder' || tag === 'text-ranking')
  if (isReranker) return 'reranker'
  const known = task === null ? undefined : (OF_TASK[task.toLowerCase()] ?? 'other')
  if (known) return known
  const ofTag = lower.flatMap((tag) => OF_TASK[tag] ?? [])[0]
  if (ofTag) return ofTag
  if (library === 'sentence-transformers') return 'embedding'
  return library === 'diffusers' ? 'image' : undefined
}
