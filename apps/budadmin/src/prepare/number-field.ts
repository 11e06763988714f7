/** What a number field holds: Mantine's says '' when it is empty. */
export const numberOf = (value: string | number): number | undefined => (typeof value === 'number' ? value : undefined)
