import { describe, expect, it } from 'vitest'
import { compareModels } from './compare-models.ts'

const get = async (reference: string) => {
  const [id, version] = reference.split('@')
  if (id === undefined || id === 'gone') throw new Error(`No model "${id}"`)
  return { id: id.toLowerCase(), version_id: version ?? 'shown' }
}

describe('comparing', () => {
  it('answers in the order named, versions of one model among them', async () => {
    const compared = await compareModels(get, 'b, a@1 ,a@2,')
    expect(compared.map(({ id, version_id }) => `${id}@${version_id}`)).toEqual(['b@shown', 'a@1', 'a@2'])
  })

  it.each(['a', '', 'a,b,c,d,e'])('takes two to four models: refuses "%s"', async (names) => {
    await expect(compareModels(get, names)).rejects.toMatchObject({
      code: 'invalid-input',
      reasons: [{ code: 'comparison-size', path: 'models' }],
    })
  })

  it('refuses a model beside itself, under whichever name', async () => {
    await expect(compareModels(get, 'a,A')).rejects.toMatchObject({
      reasons: [{ code: 'compared-with-itself', message: expect.stringContaining('"a" and "A"') }],
    })
  })

  it('says which model there is not', async () => {
    await expect(compareModels(get, 'a,gone')).rejects.toThrow('No model "gone"')
  })
})
