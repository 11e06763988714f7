/** What a GPU-hour costs, as the owner says: source and date beside every price. No price = cost unknown, never zero. */
import { z } from 'zod'

const Price = z.strictObject({
  usd_per_gpu_hour: z.number().positive(),
  source: z.string().min(1),
  as_of: z.string().regex(/^\d{4}-\d{2}(-\d{2})?$/, 'a date: 2026-04-30, or 2026-04 where the day is unknown'),
})

/** data/prices.yaml. */
export const PriceBook = z.strictObject({
  currency: z.literal('USD'),
  gpus: z.record(z.string(), Price),
})
export type PriceBook = z.infer<typeof PriceBook>

export const HOURS_PER_MONTH = 730

/** USD per hour for so many GPUs; null when the book has no price for the type. */
export function costPerHour(prices: PriceBook, gpuId: string, gpus: number): number | null {
  const price = prices.gpus[gpuId]
  return price === undefined ? null : price.usd_per_gpu_hour * gpus
}
