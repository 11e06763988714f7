/** Axes of a chart that is drawn by hand: places between 0 and 1, and round ticks. */

export interface Scale {
  /** 0–1 along the axis. */
  place: (value: number) => number
  ticks: number[]
}

/** From here on a linear axis would press most points together. */
const WIDE = 6
const MARGIN = 0.06
const MOST_TICKS = 6

/** Values must be positive; logarithmic where they span more than a factor of six, else from zero. */
export function toScale(values: readonly number[]): Scale {
  const least = Math.min(...values)
  const most = Math.max(...values)
  return most > WIDE * least ? logarithmic(least, most) : linear(most)
}

function linear(most: number): Scale {
  const end = most * (1 + 2 * MARGIN)
  const step = roundStep(end / MOST_TICKS)
  return {
    place: (value) => value / end,
    ticks: Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => roundOff(index * step)),
  }
}

function logarithmic(least: number, most: number): Scale {
  const span = Math.log(most / least)
  const start = Math.log(least) - MARGIN * span
  const whole = span * (1 + 2 * MARGIN)
  const place = (value: number) => (Math.log(value) - start) / whole
  return { place, ticks: thin(roundsWithin(Math.exp(start), Math.exp(start + whole))) }
}

/** 1, 2 and 5 times the powers of ten. */
function roundsWithin(from: number, to: number): number[] {
  const rounds: number[] = []
  for (let power = Math.floor(Math.log10(from)); 10 ** power <= to; power += 1)
    for (const digit of [1, 2, 5]) rounds.push(roundOff(digit * 10 ** power))
  return rounds.filter((value) => value >= from && value <= to)
}

/** Fewer where there are many: the powers of ten stay. */
function thin(ticks: readonly number[]): number[] {
  if (ticks.length <= MOST_TICKS) return [...ticks]
  const powers = ticks.filter((value) => Number.isInteger(roundOff(Math.log10(value))))
  return powers.length >= 2 ? powers : ticks.filter((_, index) => index % 2 === 0)
}

function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  const digit = [1, 2, 5, 10].find((one) => one * power >= step) ?? 10
  return digit * power
}

const roundOff = (value: number): number => Number(value.toPrecision(10))
