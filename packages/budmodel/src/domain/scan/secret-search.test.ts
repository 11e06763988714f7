import { describe, expect, it } from 'vitest'
import { SecretSearch } from './secret-search.ts'

/** Letters and digits as a generator of keys would give them; never written out in this file. */
function letters(length: number, alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'): string {
  let state = 7
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647
    return alphabet[state % alphabet.length]
  }).join('')
}
const key = (...parts: string[]): string => parts.join('')

function search(content: Uint8Array, chunkBytes = content.length, path = 'file.txt') {
  const watch = new SecretSearch(path)
  for (let at = 0; at < content.length; at += chunkBytes) watch.push(content.subarray(at, at + chunkBytes))
  return watch.end()
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const secrets: [string, string][] = [
  ['secret-private-key', key('-----BEGIN RSA ', 'PRIVATE KEY-----\n', letters(64), '\n')],
  ['secret-private-key', key('-----BEGIN ', 'PRIVATE KEY-----\\n', letters(64))],
  ['secret-private-key', key('-----BEGIN OPENSSH ', 'PRIVATE KEY-----\n', letters(70))],
  ['secret-aws-key', key('id=AK', 'IA', letters(16, UPPER), '\nkey=', letters(40))],
  ['secret-hugging-face', key('hf', '_', letters(34))],
  ['secret-github', key('gh', 'p_', letters(36))],
  ['secret-github', key('github', '_pat_', letters(22), '_', letters(59))],
  ['secret-gitlab', key('gl', 'pat-', letters(20))],
  ['secret-openai', key('sk-', letters(20), 'T3Blbk', 'FJ', letters(20))],
  ['secret-openai', key('sk-', 'proj-', letters(120))],
  ['secret-anthropic', key('sk-', 'ant-api03-', letters(93))],
  ['secret-slack', key('xo', 'xb-294810573366-', letters(24))],
  [
    'secret-slack',
    key('https://hooks.slack', '.com/services/T0', letters(8, UPPER), '/B0', letters(8, UPPER), '/', letters(24)),
  ],
  ['secret-google', key('AI', 'za', letters(35))],
  [
    'secret-gcp-service-account',
    key('{"type": "service_account", "private_key', '_id": "', letters(40, '0123456789abcdef'), '"}'),
  ],
  ['secret-azure', key('Account', 'Key=', letters(86), '==')],
  ['secret-nvidia', key('nv', 'api-', letters(64))],
  ['secret-npm', key('np', 'm_', letters(36))],
  ['secret-wandb', key('WANDB_API', '_KEY=', letters(40, '0123456789abcdef'))],
  ['secret-url-password', key('postgres://admin:', letters(12), '@db.internal:5432/x')],
  ['secret-url-password', key('https://api.internal/v1?a=1&pass', 'word=', letters(12))],
]

describe('credentials in texts', () => {
  for (const [rule, text] of secrets) {
    it(`are reported as ${rule}: ${text.slice(0, 14).replace(/\s/g, ' ')}…`, () => {
      const [found, ...others] = search(Buffer.from(`# Notes\n${text}\nmore\n`))
      expect([found?.rule, found?.severity, others]).toEqual([rule, 'warn', []])
      expect(found?.offset).toBeGreaterThanOrEqual(8)
    })

    it(`are never shown (${rule}, ${text.length} characters)`, () => {
      for (const { message, evidence } of search(Buffer.from(text))) {
        const shown = `${message} ${evidence}`
        for (let at = 0; at + 10 <= text.length; at++) {
          const part = text.slice(at, at + 10)
          if (!/PRIVATE|BEGIN|KEY/.test(text.slice(Math.max(0, at - 10), at + 20))) expect(shown).not.toContain(part)
        }
      }
    })
  }

  it('are found at their place wherever the chunks are cut', () => {
    const token = key('hf', '_', letters(34))
    const content = Buffer.from(`${'lorem ipsum\n'.repeat(900)}${token}\n${'dolor\n'.repeat(900)}${token} `)
    const places = [10_800, 10_800 + 38 + 5400 - 0]
    for (const chunkBytes of [1, 7, 500, 1024, 4096, 10_810, 10_820, content.length])
      expect(search(content, chunkBytes).map(({ offset }) => offset)).toEqual([places[0], content.lastIndexOf(token)])
  })

  it('are found in UTF-16 too', () => {
    const token = key('hf', '_', letters(34))
    for (const chunkBytes of [3, 1000, 100_000]) {
      const text = `﻿${'Ein Text\n'.repeat(2000)}${token}\n`
      const little = Buffer.from(text, 'utf16le')
      const place = 2 * text.indexOf(token)
      expect(search(little, chunkBytes).map(({ offset }) => offset)).toEqual([place])
      expect(search(Buffer.from(little).swap16(), chunkBytes).map(({ offset }) => offset)).toEqual([place])
    }
  })

  it('are not what documentation shows as examples', () => {
    const examples = [
      key('hf', '_', 'x'.repeat(34)),
      key('sk-', 'ant-api03-', 'your-key-here-'.repeat(5)),
      'AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE and no secret beside it',
      'https://user:password@example.com/',
      `https://name:$${'{TOKEN}'}@example.com/`,
      'postgres://user:<password>@host/db',
      'export HF_TOKEN=hf_***',
      '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A',
      '-----BEGIN PRIVATE KEY-----\n…\n-----END PRIVATE KEY-----',
      '"hf_a", "hf_b", "hf_token_of_vocabulary"',
      'https://example.org/path?password=',
      'see https://example.org:8080/@name and mailto:a@b.c',
    ]
    for (const text of examples) expect([text, search(Buffer.from(text))]).toEqual([text, []])
  })

  it('are not looked for in weights', () => {
    const token = key('hf', '_', letters(34))
    const watch = new SecretSearch('model.safetensors')
    watch.push(Buffer.concat([Buffer.of(64, 0, 0, 0, 0, 0, 0, 0), Buffer.from(token)]))
    watch.push(Buffer.alloc(10_000))
    expect([watch.end(), watch.bytesSeen]).toEqual([[], 10_045])
  })

  it('are listed ten times per kind at most, in a second, whatever the file is made of', () => {
    const many = Array.from({ length: 5000 }, (_, i) => key('gh', 'p_', letters(30), String(100_000 + i))).join('\n')
    expect(search(Buffer.from(many), 65_536)).toHaveLength(10)
    const started = performance.now()
    for (const nasty of ['://', 'a://b:', 'AKIA', '-----BEGIN ', 'sk-T3BlbkFJ', 'password=', '?password=://'])
      search(Buffer.from(nasty.repeat(400_000 / nasty.length)), 65_536)
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
