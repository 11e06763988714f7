export { type Access, type AccessOptions, createAccess } from './create-access.ts'
export type { Principal, Role } from './domain/principal.ts'
export type { TokenSummary, Tokens } from './services/tokens.ts'
