import { describe, expect, test } from 'vitest'
import { contractRoutes } from './route-list.ts'

describe('the contract', () => {
  test('tells of every route its method, path, summary and one tag', () => {
    expect(contractRoutes.length).toBeGreaterThan(30)
    const incomplete = contractRoutes.filter(
      ({ method, path, summary, tags }) =>
        !/^[A-Z]+$/.test(method) || !/^\/[a-z]/.test(path) || summary === '' || tags.length !== 1,
    )
    expect(incomplete).toEqual([])
  })

  test('gives no two routes the same method and path', () => {
    const places = contractRoutes.map(({ method, path }) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`)
    expect(new Set(places).size).toBe(places.length)
  })

  test('answers 202 wherever an operation is begun, and nowhere else', () => {
    const accepted = contractRoutes.filter((route) => route.successStatus === 202).map((route) => route.name)
    expect(accepted.sort()).toEqual([
      'endpoints.create',
      'endpoints.delete',
      'endpoints.scale',
      'endpoints.update',
      'models.addVersion',
      'models.register',
      'models.rescan',
    ])
  })
})
