export { createGateway } from './create-gateway.ts'
export type { Logger } from './ports.ts'
export { defaultSettings, type GatewaySettings } from './settings.ts'
