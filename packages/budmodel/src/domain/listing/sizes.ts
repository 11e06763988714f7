/** Size classes as people say them: "7B" is anything that serves like one. */

/** Each holds parameters from `min` up to, but not including, the next one's `min`. */
export const SIZE_CLASSES = [
  { name: '1b', min: 0 },
  { name: '7b', min: 3e9 },
  { name: '13b', min: 10e9 },
  { name: '34b', min: 20e9 },
  { name: '70b', min: 50e9 },
  { name: '200b', min: 100e9 },
  { name: '405b', min: 300e9 },
] as const

export type SizeClassName = (typeof SIZE_CLASSES)[number]['name']
export const SIZE_CLASS_NAMES: readonly SizeClassName[] = SIZE_CLASSES.map(({ name }) => name)
