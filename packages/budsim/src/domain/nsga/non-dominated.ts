/**
 * Pareto order with constraints, after Deb et al., "A fast and elitist multiobjective genetic algorithm: NSGA-II"
 * (2002): what holds the limits comes before what does not, of two that do not the lesser violation, and of two that
 * do the one that is nowhere worse and somewhere better. All objectives are minimised.
 */
export interface Score {
  objectives: readonly number[]
  /** Sum of what is missed; 0 = every limit held. */
  violation: number
}

/** Nowhere worse, somewhere better. */
export function isBetter(a: readonly number[], b: readonly number[]): boolean {
  let better = false
  for (let i = 0; i < a.length; i++) {
    const [left, right] = [a[i] ?? 0, b[i] ?? 0]
    if (left > right) return false
    if (left < right) better = true
  }
  return better
}

export function dominates(a: Score, b: Score): boolean {
  if (a.violation !== b.violation) return a.violation < b.violation
  return a.violation === 0 && isBetter(a.objectives, b.objectives)
}

/** Indexes by front, the best front first. */
export function sortIntoFronts(scores: readonly Score[]): number[][] {
  const dominatedBy = scores.map((): number[] => [])
  const dominators = scores.map(() => 0)
  scores.forEach((a, i) => {
    for (let j = i + 1; j < scores.length; j++) {
      const b = scores[j]
      if (!b) continue
      if (dominates(a, b)) {
        dominatedBy[i]?.push(j)
        dominators[j] = (dominators[j] ?? 0) + 1
      } else if (dominates(b, a)) {
        dominatedBy[j]?.push(i)
        dominators[i] = (dominators[i] ?? 0) + 1
      }
    }
  })
  const fronts: number[][] = []
  let front = dominators.flatMap((count, index) => (count === 0 ? [index] : []))
  while (front.length > 0) {
    fronts.push(front)
    const next: number[] = []
    for (const index of front) {
      for (const other of dominatedBy[index] ?? []) {
        const left = (dominators[other] ?? 0) - 1
        dominators[other] = left
        if (left === 0) next.push(other)
      }
    }
    front = next
  }
  return fronts
}

/** How alone each stands in its front: sum of the relative gaps to its neighbours; Infinity at the ends. */
export function crowdingDistances(points: readonly (readonly number[])[]): number[] {
  const distances = points.map(() => 0)
  const dimensions = points[0]?.length ?? 0
  for (let dimension = 0; dimension < dimensions; dimension++) {
    const at = (index: number) => points[index]?.[dimension] ?? 0
    const order = points.map((_, index) => index).sort((a, b) => at(a) - at(b) || a - b)
    const range = at(order.at(-1) ?? 0) - at(order[0] ?? 0)
    order.forEach((index, position) => {
      const [before, after] = [order[position - 1], order[position + 1]]
      const gap =
        before === undefined || after === undefined
          ? Number.POSITIVE_INFINITY
          : range > 0
            ? (at(after) - at(before)) / range
            : 0
      distances[index] = (distances[index] ?? 0) + gap
    })
  }
  return distances
}

/** At most `most` of a front, the ends kept, the rest chosen to stand apart. */
export function thinFront<T>(front: readonly T[], objectivesOf: (one: T) => readonly number[], most: number): T[] {
  const kept = front.map((one) => ({ one, objectives: objectivesOf(one) }))
  while (kept.length > most) {
    const distances = crowdingDistances(kept.map(({ objectives }) => objectives))
    const surplus = kept.length - most
    const batch = Math.max(Math.floor(surplus / 4), 1)
    const crowded = distances.map((distance, index) => ({ distance, index })).sort((a, b) => a.distance - b.distance)
    const dropped = new Set(crowded.slice(0, batch).map(({ index }) => index))
    const left = kept.filter((_, index) => !dropped.has(index))
    kept.splice(0, kept.length, ...left)
  }
  return kept.map(({ one }) => one)
}
