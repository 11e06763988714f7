/** The same call from outside, ready to paste. */

export interface SnippetInput {
  baseUrl: string
  model: string
}

export const languages = ['curl', 'Python', 'JavaScript'] as const
export type Language = (typeof languages)[number]

export function toSnippet(language: Language, { baseUrl, model }: SnippetInput): string {
  if (language === 'curl') {
    return `curl ${baseUrl}/chat/completions \\
  -H "Authorization: Bearer $BUD_INFERENCE_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "${model}",
    "messages": [{"role": "user", "content": "Hello"}]
  }'`
  }
  if (language === 'Python') {
    return `import os
from openai import OpenAI

client = OpenAI(base_url="${baseUrl}", api_key=os.environ["BUD_INFERENCE_KEY"])
stream = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": "Hello"}],
    stream=True,
)
for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="")`
  }
  return `import OpenAI from 'openai'

const client = new OpenAI({ baseURL: '${baseUrl}', apiKey: process.env.BUD_INFERENCE_KEY })
const stream = await client.chat.completions.create({
  model: '${model}',
  messages: [{ role: 'user', content: 'Hello' }],
  stream: true,
})
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? '')`
}
