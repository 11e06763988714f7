/** The upstream of `bench gateway`: answers at once, so that what is measured is the way there and back. Run by fork. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const usage = { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 }
const json = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: 1,
    model: 'bench',
    choices: [{ index: 0, message: { role: 'assistant', content: 'word '.repeat(40) }, finish_reason: 'stop' }],
    usage,
  }),
)
const event = (choices: unknown[], extra = {}) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1, model: 'bench', choices, ...extra })}\n\n`
const word = event([{ index: 0, delta: { content: 'word ' }, finish_reason: null }])
const STREAMED_WORDS = 20
const end = `${event([], { usage })}data: [DONE]\n\n`

const server = createServer((request, response) => {
  let streamed = false
  request.on('data', (chunk: Buffer) => {
    streamed ||= chunk.includes('"stream":true')
  })
  request.on('end', () => {
    if (!streamed) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': json.length }).end(json)
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    let sent = 0
    const next = () => {
      if (sent++ === STREAMED_WORDS) response.end(end)
      else response.write(word, () => setImmediate(next))
    }
    next()
  })
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.once('disconnect', () => process.exit(0))
