/** The package as the control plane sees it: compares actual with predicted, and lets the predictor learn from it. */

import type { Refinement } from '@bud/budsim'
import { KeyedMutex } from '@bud/kernel'
import { activate, deactivate, loadActive } from './services/activate.ts'
import { type Caller, type Context, DEFAULT_SETTINGS, type Settings } from './services/context.ts'
import { type ImportedObservations, importObservations, type MeasuredRowInput } from './services/import-observations.ts'
import { type EndpointObservations, listObservations } from './services/list-observations.ts'
import { listRefinements, type RefinementDescription } from './services/list-refinements.ts'
import { type RecordedWindows, recordWindows } from './services/record-windows.ts'

export type AdvisorDependencies = Omit<Context, 'active' | 'settings' | 'turns'> & { settings?: Partial<Settings> }

export interface Advisor {
  /** Reads what is in force. Once, before predictions are asked for. */
  load(): Promise<void>
  /** The version in force; null: predictions are the predictor's own. The same object as long as it is the same version. */
  refinementOf(projectId: string): Refinement | null
  /** Every few minutes; one call at a time. */
  recordWindows(): Promise<RecordedWindows>
  readonly observations: {
    list(request: { project_id: string; endpoint_id: string; limit: number }): Promise<EndpointObservations>
    import(caller: Caller, rows: readonly MeasuredRowInput[]): Promise<ImportedObservations>
  }
  readonly refinements: {
    list(caller: Caller): Promise<RefinementDescription[]>
    activate(caller: Caller, number: number): Promise<RefinementDescription>
    deactivate(caller: Caller): Promise<void>
  }
}

/** The tables must be migrated (`advisorMigrations`) before anything is called. */
export function createAdvisor(dependencies: AdvisorDependencies): Advisor {
  const context: Context = {
    ...dependencies,
    settings: { ...DEFAULT_SETTINGS, ...dependencies.settings },
    active: new Map(),
    turns: new KeyedMutex(),
  }
  return {
    load: () => loadActive(context),
    refinementOf: (projectId) => context.active.get(projectId)?.refinement ?? null,
    recordWindows: () => recordWindows(context),
    observations: {
      list: (request) => listObservations(context, request),
      import: (caller, rows) => importObservations(context, caller, rows),
    },
    refinements: {
      list: (caller) => listRefinements(context, caller),
      activate: (caller, number) => activate(context, caller, number),
      deactivate: (caller) => deactivate(context, caller),
    },
  }
}
