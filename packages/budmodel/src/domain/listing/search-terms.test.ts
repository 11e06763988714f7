import { describe, expect, it } from 'vitest'
import { searchTerms, toQueryLiteral, toVectorLiteral } from './search-terms.ts'

describe('search terms', () => {
  it('takes names apart where people do', () => {
    expect(searchTerms('meta-llama/Llama-3.1-8B-Instruct', null, 'Chat, llama')).toEqual([
      'meta',
      'llama',
      '3.1',
      '8b',
      'instruct',
      'chat',
    ])
  })

  it('asks for all words, each as the beginning of one', () => {
    expect(toQueryLiteral('Qwen 2.5')).toBe("'qwen':* & '2.5':*")
    expect(toQueryLiteral('  /-- ')).toBeUndefined()
  })

  it('keeps quotes and operators from meaning anything to the database', () => {
    expect(toQueryLiteral(`o'b\\ & | !x`)).toBe("'o':* & 'b':* & 'x':*")
    expect(toVectorLiteral(["it's"])).toBe("'it''s'")
  })
})
