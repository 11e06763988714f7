/** How one engine says what all three have in common. */
import type { Prompt } from '../domain/prompt.ts'
import type { ChoiceEnd, TokenEvent, Usage } from './generate.ts'
import type { GenerationRequest, RequestKind } from './parse-request.ts'
import type { Answer, Problem } from './problems.ts'

/** The server that answers. */
export interface Served {
  model: string
  version: string
  maxModelLen: number
  startedAtS: number
}

export interface FinishedChoice {
  index: number
  text: string
  end: ChoiceEnd
}

/** Frames of one stream; each returns ready server-sent events, '' for none. */
export interface StreamFrames {
  token(event: TokenEvent): string
  /** The usage frame, if asked for, and the end mark. */
  close(usage: Usage): string
}

export type RouteAction =
  | 'chat'
  | 'completion'
  | 'tokenize'
  | 'metrics'
  | 'generate-check'
  /** Answers at once with `fixed`. */
  | 'fixed'

export interface Route {
  method: 'GET' | 'POST'
  action: RouteAction
  fixed?: (served: Served) => Answer
}

export interface Dialect {
  /** By path; a path may take several methods. */
  routes: ReadonlyMap<string, readonly Route[]>
  /** Headers of every response. */
  headers: Readonly<Record<string, string>>
  metricsContentType: string
  problem(problem: Problem): Answer
  /** Ranges and combinations; null when all is well. */
  check(request: GenerationRequest, served: Served): Problem | null
  /** Room for the answer to one prompt. */
  room(prompt: Prompt, request: GenerationRequest, served: Served): { maxTokens: number } | { problem: Problem }
  newId(kind: RequestKind): string
  answer(head: AnswerHead, choices: readonly FinishedChoice[], usage: Usage): unknown
  stream(head: AnswerHead): StreamFrames
}

export interface AnswerHead {
  id: string
  createdS: number
  request: GenerationRequest
  served: Served
}

export const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`
export const DONE = 'data: [DONE]\n\n'

export function usageBody({ promptTokens, completionTokens }: Usage) {
  return {
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + completionTokens,
    completion_tokens: completionTokens,
  }
}
