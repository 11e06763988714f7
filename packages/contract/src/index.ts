export * from './client.ts'
export * from './resources.ts'
export * from './routes.ts'
