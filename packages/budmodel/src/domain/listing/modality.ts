/** What goes in and out of a model. */

export const MODALITIES = ['text', 'vision-language', 'audio', 'embedding', 'reranker', 'image', 'other'] as const
export type ModelModality = (typeof MODALITIES)[number]
