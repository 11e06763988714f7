/** The contract's routes as a list: what a path answers to, and whether a document holds all of them. */
import { type AnyContractProcedure, isContractProcedure } from '@orpc/contract'
import { contract } from './routes.ts'

export interface ContractRoute {
  /** e.g. "endpoints.scale" */
  name: string
  method: string
  /** e.g. "/endpoints/{id}/scale" */
  path: string
  summary: string
  tags: readonly string[]
  successStatus: number
}

export const contractRoutes: readonly ContractRoute[] = Object.entries(contract).flatMap(([group, procedures]) =>
  Object.entries<AnyContractProcedure>(procedures).map(([verb, procedure]) => toRoute(`${group}.${verb}`, procedure)),
)

function toRoute(name: string, procedure: AnyContractProcedure): ContractRoute {
  if (!isContractProcedure(procedure)) throw new TypeError(`${name} is no procedure.`)
  const { method = 'POST', path = '/', summary = '', tags = [], successStatus = 200 } = procedure['~orpc'].route
  return { name, method, path, summary, tags, successStatus }
}
