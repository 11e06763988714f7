/** What a person reads after `npm start`. */

export interface Greeting {
  url: string
  gatewayUrl: string
  dataDir: string
  tokenFile: string
  signInLink: string
  firstStart: boolean
  seconds: number
}

export function greet({ url, gatewayUrl, dataDir, tokenFile, signInLink, firstStart, seconds }: Greeting): string {
  const first = firstStart ? ['  This is the first start: an administrator and the cluster "demo" were made.', ''] : []
  return [
    '',
    `Bud AI Foundry is ready (${seconds.toFixed(1)} s).`,
    '',
    ...first,
    `  Sign in (once)   ${signInLink}`,
    `  Dashboard        ${url}/ui/`,
    `  API reference    ${url}/reference`,
    `  OpenAI API       ${gatewayUrl}`,
    `  API token        ${tokenFile}`,
    `  Data folder      ${dataDir}`,
    '',
    '  Another terminal: npx bud demo    Stop: Ctrl-C',
  ].join('\n')
}
