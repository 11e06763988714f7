import { describe, expect, it } from 'vitest'
import { parseExposition } from './exposition.ts'

const parse = (text: string, ...names: string[]) => parseExposition(text, new Set(names))

describe('parseExposition', () => {
  it('reads names, labels and values, and passes over what nobody asked for', () => {
    const text = '# HELP a Some.\n# TYPE a counter\na{x="1",y="two"} 3\na 4\nab 5\nb{x="1"} 6\n'
    expect([...parse(text, 'a')]).toEqual([
      [
        'a',
        [
          { labels: { x: '1', y: 'two' }, value: 3 },
          { labels: {}, value: 4 },
        ],
      ],
    ])
  })

  it.each([
    ['a{x="}",y=",="} 1', { x: '}', y: ',=' }],
    ['a{x="say \\"hi\\"\\\\\\n"} 1', { x: 'say "hi"\\\n' }],
    ['a{x="1",} 1', { x: '1' }],
    ['a{ x="1" , y="2" } 1', { x: '1', y: '2' }],
    ['a{} 1', {}],
    ['a{x=""} 1', { x: '' }],
  ])('reads the labels of %s', (line, labels) => {
    expect(parse(line, 'a').get('a')).toEqual([{ labels, value: 1 }])
  })

  it.each([
    ['a 1.5e+09', 1.5e9],
    ['a\t7', 7],
    ['a  7  1700000000000', 7],
    ['a 7 # {trace_id="x"} 0.5', 7],
    ['a 7\r', 7],
    ['a +Inf', Number.POSITIVE_INFINITY],
    ['a -Inf', Number.NEGATIVE_INFINITY],
  ])('reads the value of %j', (line, value) => {
    expect(parse(line, 'a').get('a')?.[0]?.value).toBe(value)
  })

  it.each(['a NaN', 'a', 'a ', 'a{x="1" 3', 'a{x=1} 3', 'a{x="1', 'a{x} 1', '<html>a 1</html>', '{"a": 1}', ''])(
    'leaves out %j without losing the lines around it',
    (line) => {
      expect([...parse(`b 1\n${line}\nb 2\n`, 'a', 'b')]).toEqual([
        [
          'b',
          [
            { labels: {}, value: 1 },
            { labels: {}, value: 2 },
          ],
        ],
      ])
    },
  )
})
