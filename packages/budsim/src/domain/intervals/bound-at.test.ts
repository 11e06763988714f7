import { DEFAULT_CONFIDENCE } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { boundExponent, lowerBound, normalQuantile, upperBound } from './bound-at.ts'

const measured = { value: 100, low: 80, high: 130 }
const atUpper = (confidence: number) => upperBound(measured, boundExponent(confidence))
const atLower = (confidence: number) => lowerBound(measured, boundExponent(confidence))

describe('normalQuantile', () => {
  // NIST/SEMATECH e-Handbook, table 1.3.6.7.1.
  it.each([
    [0.5, 0],
    [0.8, 0.841621],
    [0.9, 1.281552],
    [0.975, 1.959964],
    [0.99, 2.326348],
    [0.01, -2.326348],
  ])('of %f is %f', (p, z) => expect(normalQuantile(p)).toBeCloseTo(z, 5))
})

describe('a bound at a confidence', () => {
  it('is the prediction itself at 0.5, and the end of the 80 % interval at 0.9', () => {
    expect(atUpper(0.5)).toBeCloseTo(100, 9)
    expect(atLower(0.5)).toBeCloseTo(100, 9)
    expect(atUpper(0.9)).toBeCloseTo(130, 6)
    expect(atLower(0.9)).toBeCloseTo(80, 6)
  })

  it('moves away from the prediction as confidence grows, beyond the interval too', () => {
    const sure = [0.5, 0.6, DEFAULT_CONFIDENCE, 0.9, 0.95, 0.99]
    expect(sure.map(atUpper)).toEqual(sure.map(atUpper).sort((a, b) => a - b))
    expect(sure.map(atLower)).toEqual(sure.map(atLower).sort((a, b) => b - a))
    expect(atUpper(0.99)).toBeGreaterThan(130)
  })

  it('is the prediction where there is no interval, or where its ends are on the wrong side', () => {
    const exponent = boundExponent(0.9)
    expect(upperBound({ value: 7, low: null, high: null }, exponent)).toBe(7)
    expect(lowerBound({ value: 7, low: null, high: null }, exponent)).toBe(7)
    expect(upperBound({ value: 7, low: 5, high: 6 }, exponent)).toBe(7)
    expect(lowerBound({ value: 7, low: 8, high: 9 }, exponent)).toBe(7)
    expect(upperBound({ value: 0, low: 0, high: 0 }, exponent)).toBe(0)
  })
})
