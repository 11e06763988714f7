import { type RawSearch, textOf } from '../../../prepare/search.ts'

export interface DeploySearch {
  model?: string | undefined
  cluster?: string | undefined
}

export const deploySearch = (raw: RawSearch): DeploySearch => ({
  model: textOf(raw.model),
  cluster: textOf(raw.cluster),
})
