/** One name per benchmark, however cards, leaderboards and people write it. */

/** Written without anything but letters and digits. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  mmlu: ['mmlu', 'mmluen', 'hendryckstest', 'massivemultitasklanguageunderstanding', 'hellommlu'],
  'mmlu-pro': ['mmlupro', 'leaderboardmmlupro'],
  gsm8k: ['gsm8k', 'gsm8kcot', 'gradeschoolmath8k', 'gradeschoolmath'],
  humaneval: ['humaneval', 'openaihumaneval', 'humanevalpython'],
  gpqa: ['gpqa', 'leaderboardgpqa'],
  'gpqa-diamond': ['gpqadiamond', 'gpqad'],
  ifeval: ['ifeval', 'leaderboardifeval', 'instructionfollowingevaluation', 'googleifeval'],
  math: ['math', 'hendrycksmath', 'competitionmath'],
  'math-500': ['math500'],
  'math-level-5': ['mathlvl5', 'mathlevel5', 'mathhard', 'leaderboardmathhard'],
  'arc-challenge': ['arcchallenge', 'arcc', 'ai2reasoningchallenge', 'ai2reasoningchallenge25shot', 'ai2arc', 'arc'],
  hellaswag: ['hellaswag', 'hellaswag10shot'],
  truthfulqa: ['truthfulqa', 'truthfulqamc', 'truthfulqamc2', 'truthfulqa0shot'],
  'mt-bench': ['mtbench', 'lmsysmtbench'],
  winogrande: ['winogrande', 'winogrande5shot'],
  bbh: ['bbh', 'bigbenchhard', 'leaderboardbbh'],
  musr: ['musr', 'leaderboardmusr'],
  livecodebench: ['livecodebench', 'lcb'],
}

const nameOf = new Map(Object.entries(ALIASES).flatMap(([name, written]) => written.map((one) => [one, name] as const)))

/** The one name of a benchmark that is known; any other as it is written. Shots in brackets do not matter. */
export function benchmarkName(written: string): string {
  const bare = written.replace(/\s{0,4}[([][^()[\]]{0,20}[- ]?shots?[)\]]\s*$/i, '')
  return nameOf.get(bare.toLowerCase().replaceAll(/[^a-z0-9]/g, '')) ?? written.trim()
}
