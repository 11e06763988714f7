import { describe, expect, test } from 'vitest'
import { type CsvRecord, createCsvReader, csvField, parseCsv } from './csv.ts'

function readAll(text: string, pieceSize = text.length || 1): CsvRecord[] {
  const reader = createCsvReader()
  const pieces = Array.from({ length: Math.ceil(text.length / pieceSize) }, (_, i) =>
    reader.push(text.slice(i * pieceSize, (i + 1) * pieceSize)),
  )
  return [...pieces, reader.end()].flat()
}
const fieldsOf = (text: string): string[][] => readAll(text).map(({ fields }) => fields)

describe('records', () => {
  test('are had whatever ends the lines, and without a last newline', () => {
    expect(fieldsOf('a,b\n1,2\n')).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ])
    expect(fieldsOf('a,b\r\n1,2\r\n')).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ])
    expect(fieldsOf('a,b\r\n"1","2"\r\n3,"4"')).toEqual([
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
    ])
    expect(fieldsOf('\uFEFF"a",b')).toEqual([['a', 'b']])
    expect(fieldsOf('')).toEqual([])
  })

  test('keep commas, quotes and line ends within quotes, and say the line they start on', () => {
    const records = readAll('a,"b, ""c""\nd",e\n\n,,\nlast\n')
    expect(records).toEqual([
      { line: 1, fields: ['a', 'b, "c"\nd', 'e'], problem: null },
      { line: 4, fields: ['', '', ''], problem: null },
      { line: 5, fields: ['last'], problem: null },
    ])
  })

  test('are the same in whatever pieces the text comes', () => {
    const text =
      'id,note\r\n1,"a ""quoted"", note\r\nof two lines"\r\n2,bare "quotes" stay\r\n3,""\r\n4,"open\r\n5,x"y\r\n'
    const whole = readAll(text)
    for (let size = 1; size < 20; size++) expect(readAll(text, size)).toEqual(whole)
    expect(whole.map(({ line }) => line)).toEqual([1, 2, 4, 5, 6, 7])
  })
})

describe('what is wrong with a record', () => {
  test('is its own: the lines after it are read', () => {
    const records = readAll('id,x\n1,"never closed\n2,fine\n3,also\n')
    expect(records[1]).toEqual({ line: 2, fields: ['1', '"never closed'], problem: 'opens a quote that is not closed' })
    expect(records.slice(2).map(({ fields }) => fields)).toEqual([
      ['2', 'fine'],
      ['3', 'also'],
    ])
    const [, broken, next] = readAll('id,x\n1,"a"b\n2,fine\n')
    expect(broken).toMatchObject({ line: 2, problem: 'has text behind a closing quote' })
    expect(next).toEqual({ line: 3, fields: ['2', 'fine'], problem: null })
  })

  test('an enormous line, or quoted field, is not kept', () => {
    const enormous = 'x'.repeat(3_000_000)
    for (const text of [`1,${enormous}\n2,fine\n`, `1,"${enormous}"\n2,fine\n`, `1,"${'y\n'.repeat(900_000)}\n`]) {
      const records = readAll(text, 65_536)
      expect(records[0]).toMatchObject({ line: 1, fields: ['1', expect.anything()], problem: expect.any(String) })
      expect(records[1]?.fields[0]).toBe(text.includes('fine') ? '2' : 'y')
    }
  })
})

test('a table is read by its header’s names, and a field is written so that it reads back', () => {
  expect(parseCsv('a,b\n1\n')).toEqual([{ a: '1', b: '' }])
  const odd = 'a "b",\r\nc'
  expect(fieldsOf(`${csvField(odd)},${csvField('plain')}\n`)).toEqual([[odd, 'plain']])
})
