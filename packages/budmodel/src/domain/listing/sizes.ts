/** Size classes as people say them: "7B" is anything that serves like one. */

export interface SizeClass {
  name: string
  /** Parameters from `min` up to, but not including, `max`. */
  min: number
  max: number
}

const B = 1e9
export const SIZE_CLASSES: readonly SizeClass[] = [
  { name: '1b', min: 0, max: 3 * B },
  { name: '7b', min: 3 * B, max: 10 * B },
  { name: '13b', min: 10 * B, max: 20 * B },
  { name: '34b', min: 20 * B, max: 50 * B },
  { name: '70b', min: 50 * B, max: 100 * B },
  { name: '200b', min: 100 * B, max: 300 * B },
  { name: '405b', min: 300 * B, max: Number.MAX_SAFE_INTEGER },
]
