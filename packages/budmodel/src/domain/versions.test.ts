import { describe, expect, it } from 'vitest'
import { chooseShown, parseReference, type VersionAlias } from './versions.ts'

describe('a reference', () => {
  it('means the shown version, a number or an alias', () => {
    expect(parseReference('org/name')).toEqual({ idOrName: 'org/name', version: undefined })
    expect(parseReference('org/name@12')).toEqual({ idOrName: 'org/name', version: { number: 12 } })
    expect(parseReference('name@production')).toEqual({ idOrName: 'name', version: { alias: 'production' } })
  })

  it('is none when what follows the @ means nothing', () => {
    for (const text of ['name@', 'name@0', 'name@latest', 'name@-1', 'name@1e9'])
      expect(parseReference(text)).toBeUndefined()
  })
})

describe('the shown version', () => {
  const version = (number: number, state: 'available' | 'failed' | 'archived', ...aliases: VersionAlias[]) => ({
    id: `v${number}`,
    number,
    state,
    aliases,
  })

  it('is the one in production, whatever came later', () => {
    expect(chooseShown([version(1, 'available', 'production'), version(2, 'available')])?.id).toBe('v1')
  })

  it('is else the newest that can be deployed', () => {
    expect(chooseShown([version(1, 'available', 'staging'), version(2, 'available'), version(3, 'failed')])?.id).toBe(
      'v2',
    )
  })

  it('is else the newest that is not archived, and an archived one only where there is no other', () => {
    expect(chooseShown([version(1, 'failed'), version(2, 'archived')])?.id).toBe('v1')
    expect(chooseShown([version(1, 'archived')])?.id).toBe('v1')
    expect(chooseShown([])).toBeUndefined()
  })
})
