export { createTraffic, type Traffic, trafficMigrations } from './create-traffic.ts'
