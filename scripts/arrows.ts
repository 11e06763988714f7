/** The arrows between packages and apps: what each may import of ours. What is not here is not allowed. */
export const allowedImports = {
  kernel: [],
  engines: ['kernel'],
  contract: ['kernel'],
  platform: ['kernel'],
  access: ['platform', 'kernel'],
  budsim: ['engines', 'kernel'],
  budmodel: ['budsim', 'platform', 'access', 'kernel'],
  budcluster: ['budsim', 'budmodel', 'engines', 'platform', 'access', 'kernel'],
  budmetrics: ['engines', 'platform', 'access', 'kernel'],
  budtraffic: ['budcluster', 'budmetrics', 'platform', 'access', 'kernel'],
  budgateway: ['kernel'],
  enginesim: ['budsim', 'engines', 'kernel'],
  gateway: ['budgateway', 'kernel'],
  foundry: [
    'kernel',
    'engines',
    'contract',
    'platform',
    'access',
    'budsim',
    'budmodel',
    'budcluster',
    'budmetrics',
    'budtraffic',
  ],
  cli: ['kernel', 'contract', 'budsim', 'budmodel', 'budcluster', 'platform'],
  budadmin: ['kernel', 'contract'],
} as const

export type PackageName = keyof typeof allowedImports
