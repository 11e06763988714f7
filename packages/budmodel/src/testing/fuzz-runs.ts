/** How many inputs a fuzz test tries: 1,000, or as many as `npm run fuzz -- --runs N` asks for. */
export const fuzzRuns = (): number => Number(process.env.BUD_FUZZ_RUNS ?? 1000)
