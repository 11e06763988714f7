/** What public measurements say of each shape of model: how fast it was served, on what, by whom. */
import { BudError, invalidInput } from '@bud/kernel'
import type { CatalogueModel } from './catalogue.ts'
import type { MeasuredLimits } from './model-filter.ts'
import { shapeKeyOf } from './shape-key.ts'

/** A row of the committed measurements, as budsim reads it. */
export interface MeasuredServing {
  row: {
    model: string
    gpu: string
    num_gpus: number
    engine: string
    engine_version: string | null
    precision: string | null
    isl: number | null
    osl: number | null
    concurrency_or_batch: number | null
    scenario: string
  }
  measured: { ttft_ms: number | null; tpot_ms: number | null; output_tok_s: number | null }
  source: string
}

export interface MeasuredFigure {
  gpu: string
  gpu_count: number
  engine: string
  engine_version: string | null
  precision: string | null
  input_tokens: number | null
  output_tokens: number | null
  concurrency: number | null
  output_tok_s: number | null
  output_tok_s_per_gpu: number | null
  ttft_ms: number | null
  tpot_ms: number | null
  source: string
}

export interface FastestServing {
  gpu: string
  gpu_count: number
  output_tok_s_per_gpu: number
}

/** Only the very shape counts: nothing is carried over from a model that is merely alike. */
export interface MeasuredFigures {
  /** The fastest per GPU type and count, engine and precision; fastest first. */
  figuresOf(shapeKey: string): MeasuredFigure[]
  /** The catalogue model that was measured. */
  measuredAs(shapeKey: string): string | null
  /** Of each shape the GPU types with one row that holds all limits. */
  holding(limits: MeasuredLimits): ReadonlyMap<string, readonly string[]>
  /** On the GPU types that a name means, or on any. */
  bestOf(shapeKey: string, gpu?: string): FastestServing | null
  /** The figure of `bestOf` for every shape that has one. */
  speeds(gpu?: string): ReadonlyMap<string, number>
  /** The types that a name means. Throws invalid-input for a name that means none. */
  gpuTypes(name: string): ReadonlySet<string>
}

interface Options {
  rows: () => readonly MeasuredServing[]
  models: readonly CatalogueModel[]
  /** The GPU types that a name means ("H100" is every H100); throws for a name that means none. */
  gpuTypes: (name: string) => readonly string[]
}

/** One forward pass over a fixed batch: no requests come and go. */
const NOT_SERVING = 'static-batch'

/** Rows are read when the first figure is asked for. */
export function createMeasuredFigures({ rows, models, gpuTypes }: Options): MeasuredFigures {
  let shapes: ReadonlyMap<string, Shape> | undefined
  const all = () => {
    shapes ??= groupByShape(rows(), models)
    return shapes
  }
  const typesOf = (name: string): ReadonlySet<string> => {
    try {
      return new Set(gpuTypes(name))
    } catch (error) {
      if (!(error instanceof BudError)) throw error
      throw invalidInput(
        error.message,
        error.reasons.map((reason) => ({ ...reason, path: 'measured_gpu' })),
      )
    }
  }
  const on = (gpu: string | undefined) => (gpu === undefined ? undefined : typesOf(gpu))
  const bestOn = (shape: Shape, wanted: ReadonlySet<string> | undefined): FastestServing | null => {
    const figure = shape.fastestFirst.find(({ gpu }) => wanted === undefined || wanted.has(gpu))
    if (!figure || figure.output_tok_s_per_gpu === null) return null
    const { gpu, gpu_count, output_tok_s_per_gpu } = figure
    return { gpu, gpu_count, output_tok_s_per_gpu }
  }
  return {
    figuresOf: (shapeKey) => onePerSetup(all().get(shapeKey)?.fastestFirst ?? []),
    measuredAs: (shapeKey) => all().get(shapeKey)?.model ?? null,
    holding(limits) {
      const wanted = on(limits.gpu)
      const asksMore = limits.output_tok_s_per_gpu_min !== undefined || limits.ttft_ms_max !== undefined
      const gpusOf = ({ gpus, fastestFirst }: Shape): readonly string[] =>
        asksMore ? gpusHolding(fastestFirst, limits) : gpus
      const found = [...all()].map(([key, shape]): [string, string[]] => [
        key,
        gpusOf(shape).filter((gpu) => wanted?.has(gpu) ?? true),
      ])
      return new Map(found.filter(([, gpus]) => gpus.length > 0))
    },
    bestOf(shapeKey, gpu) {
      const shape = all().get(shapeKey)
      return shape ? bestOn(shape, on(gpu)) : null
    },
    speeds(gpu) {
      const wanted = on(gpu)
      const best = [...all()].map(([key, shape]) => [key, bestOn(shape, wanted)?.output_tok_s_per_gpu] as const)
      return new Map(best.filter((one): one is [string, number] => one[1] !== undefined))
    },
    gpuTypes: typesOf,
  }
}

/** Sorted. No limits: every type with a row. */
function gpusHolding(figures: readonly MeasuredFigure[], limits: MeasuredLimits): string[] {
  const { output_tok_s_per_gpu_min: speed = 0, ttft_ms_max: ttft } = limits
  const holding = figures.filter(
    ({ output_tok_s_per_gpu, ttft_ms }) =>
      (output_tok_s_per_gpu ?? 0) >= speed && (ttft === undefined || (ttft_ms !== null && ttft_ms <= ttft)),
  )
  return [...new Set(holding.map(({ gpu }) => gpu))].sort()
}

interface Shape {
  /** The one with the most rows. */
  model: string
  fastestFirst: MeasuredFigure[]
  /** Types with a row. */
  gpus: string[]
}

function groupByShape(rows: readonly MeasuredServing[], models: readonly CatalogueModel[]): Map<string, Shape> {
  const keys = new Map(models.map(({ name, facts }) => [name, shapeKeyOf(facts)]))
  const groups = new Map<string, MeasuredServing[]>()
  for (const measured of rows) {
    const key = keys.get(measured.row.model)
    if (key === undefined || measured.row.scenario === NOT_SERVING) continue
    const group = groups.get(key)
    if (group) group.push(measured)
    else groups.set(key, [measured])
  }
  const shapes = [...groups].map(([key, group]): [string, Shape] => {
    const fastestFirst = group.map(toFigure).sort(byFastest)
    return [
      key,
      { model: mostFrequent(group.map(({ row }) => row.model)), fastestFirst, gpus: gpusHolding(fastestFirst, {}) },
    ]
  })
  return new Map(shapes)
}

function toFigure({ row, measured, source }: MeasuredServing): MeasuredFigure {
  const { gpu, num_gpus, engine, engine_version, precision } = row
  const { output_tok_s } = measured
  return {
    gpu,
    gpu_count: num_gpus,
    engine,
    engine_version,
    precision,
    input_tokens: row.isl,
    output_tokens: row.osl,
    concurrency: row.concurrency_or_batch,
    output_tok_s,
    output_tok_s_per_gpu: output_tok_s === null ? null : Math.round((output_tok_s / num_gpus) * 100) / 100,
    ttft_ms: measured.ttft_ms,
    tpot_ms: measured.tpot_ms,
    source,
  }
}

const byFastest = (a: MeasuredFigure, b: MeasuredFigure): number =>
  (b.output_tok_s_per_gpu ?? -1) - (a.output_tok_s_per_gpu ?? -1)

function onePerSetup(fastestFirst: readonly MeasuredFigure[]): MeasuredFigure[] {
  const fastest = new Map<string, MeasuredFigure>()
  for (const figure of fastestFirst) {
    const setup = JSON.stringify([figure.gpu, figure.gpu_count, figure.engine, figure.precision])
    if (!fastest.has(setup)) fastest.set(setup, figure)
  }
  return [...fastest.values()]
}

function mostFrequent(names: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0]
}
