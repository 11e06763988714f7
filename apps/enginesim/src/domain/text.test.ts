import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChoiceText } from '../openai/choice-text.ts'
import { promptFromText } from './prompt.ts'
import { createText } from './text-generator.ts'
import { countTokens, splitTokens } from './tokenizer.ts'

describe('the tokenizer', () => {
  it('counts as its description says', () => {
    expect(splitTokens('Hello world, 12345 tokenization!\n\nIt works')).toEqual([
      'Hello',
      ' world',
      ',',
      ' 123',
      '45',
      ' tokeni',
      'zation',
      '!',
      '\n\n',
      'It',
      ' works',
    ])
  })

  it('loses no character and makes no empty token', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const tokens = splitTokens(text)
        expect(tokens.join('')).toBe(text)
        expect(tokens.every((token) => token.length > 0)).toBe(true)
        expect(countTokens(text)).toBe(tokens.length)
      }),
      { seed: 7 },
    )
  })
})

describe('promptFromText', () => {
  it('gives equal block hashes for equal prefixes, and different ones from the first difference on', () => {
    const words = Array.from({ length: 64 }, (_, i) => `word${i}`)
    const changed = words.with(40, 'other')
    const a = promptFromText(words.join(' '))
    const b = promptFromText(changed.join(' '))
    const same = a.blocks.findIndex((block, i) => block !== b.blocks[i])
    expect(a.blocks.length).toBe(Math.floor(a.tokens / 16))
    expect(same).toBeGreaterThan(2)
    expect(a.blocks.slice(same).every((block, i) => block !== b.blocks[same + i])).toBe(true)
  })
})

const write = (seed: number, index = 0, tokens = 60) => {
  const text = createText('What is a GPU?', seed, index)
  return Array.from({ length: tokens }, () => text.next().token).join('')
}

describe('createText', () => {
  it('says the same for the same prompt, seed and choice, and something else for another', () => {
    expect(write(1)).toBe(write(1))
    expect(write(1)).not.toBe(write(2))
    expect(write(1)).not.toBe(write(1, 1))
  })

  it('says first that no model was run', () => {
    expect(write(1)).toMatch(/^This is simulated text about “What is a GPU\?”: no model was run\./)
  })
})

describe('ChoiceText', () => {
  const collect = (stop: string[], tokens = 400) => {
    const choice = new ChoiceText({ stop, ignoreEos: false, minTokens: 0, seed: 3 }, 'tell me', 0)
    let text = ''
    for (let i = 0; i < tokens; i++) {
      const piece = choice.next()
      text += piece.text
      if (piece.end !== null) return { text, end: piece.end }
    }
    return { text: text + choice.rest(), end: null }
  }

  it('ends by itself after some sentences', () => {
    expect(collect([]).end).toEqual({ by: 'eos' })
  })

  it('stops before a stop string that spans tokens and lets none of it out', () => {
    const whole = collect([]).text
    const stop = whole.slice(50, 62)
    expect(collect([stop])).toEqual({ text: whole.slice(0, whole.indexOf(stop)), end: { by: 'stop-string', stop } })
  })

  it('holds nothing back in the end', () => {
    expect(collect(['never said']).text).toBe(collect([]).text)
  })
})
