import { flagOf, oneOf, type RawSearch, textOf } from '../../../prepare/search.ts'

export const sizeNames = ['tiny', 'small', 'medium', 'large', 'huge'] as const
export type SizeName = (typeof sizeNames)[number]

export const sortNames = ['name', 'size', 'context', 'newest'] as const
export type SortName = (typeof sortNames)[number]

export interface ModelsSearch {
  search?: string | undefined
  architecture?: string | undefined
  size?: SizeName | undefined
  origin?: 'catalogue' | 'registered' | undefined
  sort?: SortName | undefined
  /** The registration dialog is open. */
  register?: true | undefined
}

export const modelsSearch = (raw: RawSearch): ModelsSearch => ({
  search: textOf(raw.search),
  architecture: textOf(raw.architecture),
  size: oneOf(raw.size, sizeNames),
  origin: oneOf(raw.origin, ['catalogue', 'registered']),
  sort: oneOf(raw.sort, sortNames),
  register: flagOf(raw.register),
})
