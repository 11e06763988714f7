/** The reference tables' CSV: quoted fields, one header line. */

/** Rows as records by header name; a field missing at a row's end is ''. */
export function parseCsv(text: string): Record<string, string>[] {
  const [header, ...lines] = splitRows(text)
  if (!header) return []
  return lines.map((fields) => Object.fromEntries(header.map((name, i) => [name, fields[i] ?? ''])))
}

function splitRows(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let field = ''
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const letter = text.charAt(i)
    if (quoted) {
      if (letter !== '"') field += letter
      else if (text.charAt(i + 1) === '"') {
        field += '"'
        i++
      } else quoted = false
    } else if (letter === '"') quoted = true
    else if (letter === ',') {
      row.push(field)
      field = ''
    } else if (letter === '\n') {
      row.push(field)
      rows.push(row)
      row = []
      field = ''
    } else if (letter !== '\r') field += letter
  }
  if (field !== '' || row.length > 0) rows.push([...row, field])
  return rows.filter((fields) => fields.some((value) => value !== ''))
}
