/**
 * NSGA-II over whole-number genes: binary tournaments by front and crowding, uniform crossover, mutation to a
 * neighbouring or any other value, and the best of parents and children survive. Deterministic for a given `random`.
 */
import { crowdingDistances, type Score, sortIntoFronts } from './non-dominated.ts'

export type Genes = readonly number[]

export interface Evolution<T extends Score> {
  /** Values per gene: each is a whole number from 0. */
  cardinalities: readonly number[]
  initial: readonly Genes[]
  /** Turns any genes into an individual that exists; equal individuals have equal keys. None: not to be looked at. */
  develop(genes: Genes): Developed<T> | undefined
  random: () => number
  populationSize: number
  mostGenerations: number
  /** Asked after each generation. */
  isDone(generation: number, population: readonly T[]): boolean
}

interface Developed<T> {
  key: string
  genes: Genes
  score: T
}

interface Individual<T> extends Developed<T> {
  front: number
  crowding: number
}

/** The last population, best first. */
export function evolve<T extends Score>(evolution: Evolution<T>): T[] {
  const { develop, random, populationSize, mostGenerations } = evolution
  let population = select(distinct(evolution.initial.flatMap((genes) => develop(genes) ?? [])), populationSize)
  for (let generation = 1; generation <= mostGenerations; generation++) {
    if (population.length < 2) break
    const children = Array.from({ length: populationSize }, () => {
      const mother = tournament(population, random)
      const father = tournament(population, random)
      return mutate(cross(mother.genes, father.genes, random), evolution)
    }).flatMap((genes) => develop(genes) ?? [])
    population = select(distinct([...population, ...children]), populationSize)
    if (
      evolution.isDone(
        generation,
        population.map(({ score }) => score),
      )
    ) {
      break
    }
  }
  return population.map(({ score }) => score)
}

function distinct<T extends { key: string }>(individuals: readonly T[]): T[] {
  return [...new Map(individuals.map((one) => [one.key, one])).values()]
}

function select<T extends Score>(individuals: readonly Developed<T>[], most: number): Individual<T>[] {
  const chosen: Individual<T>[] = []
  for (const [rank, front] of sortIntoFronts(individuals.map(({ score }) => score)).entries()) {
    const members = front.flatMap((index) => individuals[index] ?? [])
    const crowding = crowdingDistances(members.map(({ score }) => score.objectives))
    const placed = members
      .map((member, index) => ({ ...member, front: rank, crowding: crowding[index] ?? 0 }))
      .sort((a, b) => b.crowding - a.crowding || (a.key < b.key ? -1 : 1))
    chosen.push(...placed.slice(0, most - chosen.length))
    if (chosen.length === most) break
  }
  return chosen
}

const pick = <T>(from: readonly T[], random: () => number): T => {
  const chosen = from[Math.floor(random() * from.length)]
  if (chosen === undefined) throw new RangeError('Nothing to choose from')
  return chosen
}

function tournament<T>(population: readonly Individual<T>[], random: () => number): Individual<T> {
  const [a, b] = [pick(population, random), pick(population, random)]
  return b.front < a.front || (b.front === a.front && b.crowding > a.crowding) ? b : a
}

const cross = (mother: Genes, father: Genes, random: () => number): number[] =>
  mother.map((gene, index) => (random() < 0.5 ? gene : (father[index] ?? gene)))

/** Each gene with a chance of about one in the number of genes; half of the steps go to a neighbouring value. */
function mutate<T extends Score>(genes: number[], { cardinalities, random }: Evolution<T>): number[] {
  return genes.map((gene, index) => {
    const values = cardinalities[index] ?? 1
    if (values < 2 || random() >= 1.5 / genes.length) return gene
    if (random() < 0.5) return Math.floor(random() * values)
    return Math.min(Math.max(gene + (random() < 0.5 ? -1 : 1), 0), values - 1)
  })
}
