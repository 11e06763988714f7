export * from './client.ts'
export * from './resources.ts'
export { contractRoutes } from './route-list.ts'
export * from './routes.ts'
