export { type Advisor, createAdvisor } from './create-advisor.ts'
export type { EndpointWindow } from './domain/assess-window.ts'
export type { EndpointWindows, ServingEndpoint, ServingEndpoints } from './ports.ts'

/** For `platform.migrate('budadvisor', …)`. */
export const advisorMigrations = new URL('./adapters/migrations', import.meta.url)
