/**
 * Calibrated coefficients as one vector: named blocks of natural logarithms, each with a prior. A prior's width says
 * how far measurements may pull a coefficient from what the physics expects.
 */
export interface ParameterBlock {
  name: string
  /** One coefficient per entry, e.g. per engine. */
  start: readonly number[]
  /** Standard deviations of the Gaussian prior on the logarithm. */
  spread: readonly number[]
}

export interface ParameterSpace {
  blocks: readonly ParameterBlock[]
  size: number
  start: Float64Array
  spread: Float64Array
}

export type Coefficients = Readonly<Record<string, readonly number[]>>

export function parameterSpace(blocks: readonly ParameterBlock[]): ParameterSpace {
  return {
    blocks,
    size: blocks.reduce((sum, { start }) => sum + start.length, 0),
    start: Float64Array.from(blocks.flatMap(({ start }) => start)),
    spread: Float64Array.from(blocks.flatMap(({ spread }) => spread)),
  }
}

/** `size` coefficients that start alike. */
export const block = (name: string, size: number, start: number, spread: number): ParameterBlock => ({
  name,
  start: new Array<number>(size).fill(Math.log(start)),
  spread: new Array<number>(size).fill(spread),
})

/** One coefficient per value, e.g. per engine. */
export const blockOf = (name: string, values: readonly number[], spread: number): ParameterBlock => ({
  name,
  start: values.map(Math.log),
  spread: values.map(() => spread),
})

/** The vector's coefficients (exponentials) by block. */
export function coefficientsOf(space: ParameterSpace, vector: Float64Array): Coefficients {
  const coefficients: Record<string, number[]> = {}
  let at = 0
  for (const { name, start } of space.blocks) {
    coefficients[name] = start.map((_, i) => Math.exp(vector[at + i] ?? 0))
    at += start.length
  }
  return coefficients
}

/** How far each parameter is from its prior, in standard deviations. */
export function priorResiduals(space: ParameterSpace, vector: Float64Array, into: Float64Array, offset: number): void {
  for (let i = 0; i < space.size; i++) {
    into[offset + i] = ((vector[i] ?? 0) - (space.start[i] ?? 0)) / (space.spread[i] ?? 1)
  }
}
