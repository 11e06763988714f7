/** What a version's files tell beside the facts: the model card, the tokenizer, defaults of generation. */

export interface VersionCard {
  description: string | null
  languages: string[]
  tokenizer: { kind: string | null; vocab_size: number | null; chat_template: boolean } | null
  /** The numbers of generation_config.json, e.g. temperature. */
  generation: Record<string, number>
}
