/** The steps that people see of each operation, in order. */

export const IMPORT_STEPS = ['import', 'read-facts', 'scan', 'finish'] as const
export const RESCAN_STEPS = ['read', 'scan', 'finish'] as const
