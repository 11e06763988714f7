/** Text of float32 numbers for XGBoost's reader, which takes a number without '.' and 'E' for an integer. */

/** The shortest decimal that reads back as the same float32. */
export function float32Text(value: number): string {
  const exact = Math.fround(value)
  if (Number.isInteger(exact) && Math.abs(exact) < 1e6) return `${exact}.0`
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(exact.toPrecision(digits))
    if (Math.fround(short) === exact) return marked(short)
  }
  return marked(Number(exact.toPrecision(9)))
}

function marked(value: number): string {
  const text = String(value).toUpperCase()
  return /[.E]/.test(text) ? text : `${text}.0`
}
