/** Numbers as sentences say them. */

export const milliseconds = (value: number): string =>
  value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`

export const usdPerHour = (value: number): string => `$${value.toFixed(2)}/h`

export const usdPerMonth = (value: number): string => `$${Math.round(value)}/month`

export const rate = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : value >= 10 ? value.toFixed(1) : value.toFixed(2)

export const tokensPerS = (value: number): string => `${rate(value)} tokens/s`
