import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import type OpenAI from 'openai'
import { explainInferenceError } from '../inference-error.ts'
import { inferenceKey } from '../inference-key.ts'
import { wholeOption } from '../numbers.ts'
import { ms, trim } from '../output.ts'
import { type Answer, type Cli, type Values, verb } from '../verb.ts'

const ANSWER_TOKENS = 256

interface Turn {
  answer: string
  ttftMs: number
  totalMs: number
  completionTokens: number | null
}

export function addChatCommand(program: Command): void {
  verb(program, {
    use: 'chat <endpoint> [message...]',
    summary: 'Talk to an endpoint through the gateway; without a message: a conversation',
    options: [
      ['--max-tokens <n>', 'longest answer', String(ANSWER_TOKENS)],
      ['--no-stream', 'wait for the whole answer'],
    ],
    run: chat,
  })
}

async function chat(cli: Cli, [endpoint = '', ...words]: string[], options: Values): Promise<Answer> {
  const { gateway_url: gatewayUrl } = await cli.client.endpoints.get({ id: endpoint })
  const max_tokens = wholeOption(options, 'maxTokens', '--max-tokens') ?? ANSWER_TOKENS
  const { default: Client } = await import('openai')
  const openai = new Client({ baseURL: gatewayUrl, apiKey: await inferenceKey(cli), maxRetries: 1 })
  const ask = (messages: OpenAI.ChatCompletionMessageParam[]) =>
    speak(cli, openai, { model: endpoint, messages, max_tokens }, options.stream !== false).catch((error: unknown) => {
      throw explainInferenceError(error, gatewayUrl)
    })
  if (words.length > 0) {
    const turn = await ask([{ role: 'user', content: words.join(' ') }])
    return { data: turn, text: cli.json ? '' : describeTurn(turn) }
  }
  return converse(ask)
}

async function speak(
  cli: Cli,
  openai: OpenAI,
  request: { model: string; messages: OpenAI.ChatCompletionMessageParam[]; max_tokens: number },
  streamed: boolean,
): Promise<Turn> {
  const started = performance.now()
  const show = (piece: string) => {
    if (!cli.json) process.stdout.write(piece)
  }
  if (!streamed) {
    const completion = await openai.chat.completions.create(request)
    const answer = completion.choices[0]?.message.content ?? ''
    show(`${answer}\n`)
    const totalMs = performance.now() - started
    return { answer, ttftMs: totalMs, totalMs, completionTokens: completion.usage?.completion_tokens ?? null }
  }
  const stream = await openai.chat.completions.create({
    ...request,
    stream: true,
    stream_options: { include_usage: true },
  })
  const turn: Turn = { answer: '', ttftMs: 0, totalMs: 0, completionTokens: null }
  for await (const chunk of stream) {
    const piece = chunk.choices[0]?.delta.content ?? ''
    if (piece && turn.ttftMs === 0) turn.ttftMs = performance.now() - started
    turn.answer += piece
    turn.completionTokens = chunk.usage?.completion_tokens ?? turn.completionTokens
    show(piece)
  }
  show('\n')
  turn.totalMs = performance.now() - started
  return turn
}

function describeTurn({ ttftMs, totalMs, completionTokens }: Turn): string {
  const speed =
    completionTokens !== null && totalMs > ttftMs
      ? `, ${trim(completionTokens / ((totalMs - ttftMs) / 1000))} tok/s`
      : ''
  return `\n(first token after ${ms(ttftMs)}, ${completionTokens ?? '?'} tokens in ${ms(totalMs)}${speed})`
}

async function converse(ask: (messages: OpenAI.ChatCompletionMessageParam[]) => Promise<Turn>): Promise<Answer> {
  const messages: OpenAI.ChatCompletionMessageParam[] = []
  const terminal = createInterface({ input: process.stdin, output: process.stderr, prompt: 'you> ' })
  terminal.prompt()
  for await (const line of terminal) {
    if (line.trim() === '') break
    messages.push({ role: 'user', content: line })
    const turn = await ask(messages)
    messages.push({ role: 'assistant', content: turn.answer })
    terminal.prompt()
  }
  terminal.close()
  return { data: messages, text: '' }
}
