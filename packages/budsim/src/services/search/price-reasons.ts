/** A GPU type without a price is left out of what compares money, never silently. */
import type { Reason } from '@bud/kernel'

const unpriced = (gpuType: string, consequence: string, path: string): Reason => ({
  code: 'price-unknown',
  message: `${gpuType} has no price in the price book: ${consequence}.`,
  path,
  next_step: `Add the price of ${gpuType}, with source and date, to data/prices.yaml.`,
})

export const notWithinBudget = (gpuType: string): Reason =>
  unpriced(gpuType, 'no budget can be held against it', 'targets.budget_usd_per_hour')

export const notComparedByCost = (gpuType: string): Reason => unpriced(gpuType, 'not compared by cost', 'objective')
