/** What a bench hands back. `meets` says whether the must holds; left out where there is none. */
export interface BenchResult {
  what: string
  unit: string
  ours: number
  peers?: Record<string, number>
  must?: string
  aim?: string
  meets?: boolean
}

export interface BenchReport {
  name: string
  machine: string
  results: BenchResult[]
}

/** `require`: parts that peers need are installed rather than left out. */
export type Bench = (options: { smoke: boolean; require: boolean }) => Promise<Omit<BenchReport, 'machine'>>
