/** Histogram bounds that several engines share: they come from one collector, copied between the projects. */

export const TTFT_SECONDS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
] as const

export const TOKEN_SECONDS = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
] as const

export const REQUEST_SECONDS = [
  0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
] as const

/** 1, 2, 5, 10, 20, 50 … up to `max`: how vLLM bounds token counts (vllm/v1/metrics/loggers.py, build_1_2_5_buckets). */
export function oneTwoFiveBuckets(max: number): number[] {
  const bounds: number[] = []
  for (let decade = 1; ; decade *= 10) {
    for (const step of [1, 2, 5]) {
      const bound = step * decade
      if (bound > max) return bounds
      bounds.push(bound)
    }
  }
}
