import { type AnyContractProcedure, isContractProcedure } from '@orpc/contract'
import { describe, expect, test } from 'vitest'
import { contract } from './routes.ts'

interface Route {
  name: string
  method: string
  path: string
  summary: string
  status: number
  tags: readonly string[]
}

const routes = Object.entries(contract).flatMap(([group, procedures]) =>
  Object.entries(procedures).map(([verb, procedure]): Route => {
    const { route } = (procedure as AnyContractProcedure)['~orpc']
    return {
      name: `${group}.${verb}`,
      method: route.method ?? '',
      path: route.path ?? '',
      summary: route.summary ?? '',
      status: route.successStatus ?? 200,
      tags: route.tags ?? [],
    }
  }),
)

describe('the contract', () => {
  test('holds procedures and nothing else, each with method, path, summary and one tag', () => {
    for (const procedures of Object.values(contract))
      for (const procedure of Object.values(procedures)) expect(isContractProcedure(procedure)).toBe(true)
    const incomplete = routes.filter(
      (route) => !route.method || !route.path || !route.summary || route.tags.length !== 1,
    )
    expect(incomplete).toEqual([])
  })

  test('gives no two procedures the same method and path', () => {
    const places = routes.map(({ method, path }) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`)
    expect(new Set(places).size).toBe(places.length)
  })

  test('answers 202 wherever an operation is begun, and nowhere else', () => {
    const accepted = routes.filter((route) => route.status === 202).map((route) => route.name)
    expect(accepted.sort()).toEqual([
      'endpoints.create',
      'endpoints.delete',
      'endpoints.scale',
      'endpoints.update',
      'models.register',
      'models.rescan',
    ])
  })
})
