/** A configuration as genes: GPU type, engine, layout, number format and the two batch limits. */
import type { ShapeState } from '../evaluator.ts'

export interface Genome {
  cardinalities: number[]
  /** The configuration nearest to the genes: layouts that cannot run give way to the most alike that can. */
  locate(genes: readonly number[]): { state: number; variant: number }
  genesOf(state: number, variant: number): number[]
  /** In how many genes two layouts differ. */
  differences(state: number, otherState: number): number
  /** The variant of a layout whose batch limits are nearest to another configuration's. */
  variantLike(state: number, otherState: number, otherVariant: number): number
}

/** Genes before the batch limits. */
const SHAPE_GENES = 4

export function createGenome(states: readonly ShapeState[]): Genome {
  const gpus = createAxis<string>()
  const engines = createAxis<string>()
  const layouts = createAxis<string>()
  const formats = createAxis<string>()
  const sequences = createAxis<number>()
  const steps = createAxis<number>()
  const shapes = states.map(({ shape }) => [
    gpus.indexOf(shape.gpu.id),
    engines.indexOf(shape.runtime),
    layouts.indexOf(
      `${shape.tensorParallelSize} ${shape.pipelineParallelSize} ${shape.dataParallelSize} ${shape.expertParallel}`,
    ),
    formats.indexOf(`${shape.quantization} ${shape.kvCacheDtype}`),
  ])
  const limits = states.map(({ variants }) =>
    variants.map(({ config }) => [
      sequences.indexOf(config.max_num_seqs),
      steps.indexOf(config.max_num_batched_tokens ?? 0),
    ]),
  )
  const exact = new Map(shapes.map((genes, index) => [genes.join(), index]))
  return {
    cardinalities: [gpus.size(), engines.size(), layouts.size(), formats.size(), sequences.size(), steps.size()],
    locate(genes) {
      const wanted = genes.slice(0, SHAPE_GENES)
      const state = exact.get(wanted.join()) ?? nearest(shapes, wanted)
      return { state, variant: nearest(limits[state] ?? [], genes.slice(SHAPE_GENES)) }
    },
    differences: (state, otherState) =>
      (shapes[state] ?? []).filter((gene, index) => gene !== shapes[otherState]?.[index]).length,
    variantLike: (state, otherState, otherVariant) =>
      nearest(limits[state] ?? [], limits[otherState]?.[otherVariant] ?? []),
    genesOf: (state, variant) => [...(shapes[state] ?? []), ...(limits[state]?.[variant] ?? [])],
  }
}

/** Numbers values as they first come. */
function createAxis<T>() {
  const known = new Map<T, number>()
  return {
    size: () => known.size,
    indexOf(value: T): number {
      const index = known.get(value) ?? known.size
      known.set(value, index)
      return index
    },
  }
}

/** Most genes alike, then the smallest difference; the first of equals. */
function nearest(points: readonly (readonly number[])[], wanted: readonly number[]): number {
  let best = 0
  let least = Number.POSITIVE_INFINITY
  points.forEach((point, index) => {
    let distance = 0
    for (let i = 0; i < wanted.length; i++) {
      const difference = Math.abs((point[i] ?? 0) - (wanted[i] ?? 0))
      if (difference > 0) distance += 100 + difference
    }
    if (distance < least) {
      least = distance
      best = index
    }
  })
  return best
}
