/** What credentials look like. Each is looked for by a fixed text that it contains; most files hold none of them. */

export interface SecretRule {
  rule: string
  /** For people: what it opens. */
  what: string
  /** The text is searched for these; `pattern` is tried around them. */
  anchors: readonly string[]
  /** Its group `secret` is what must not be shown; without one nothing of the match is secret. */
  pattern: RegExp
  /** How far before the anchor the match may begin. */
  before?: number
  /** What has to stand close by as well. */
  nearby?: RegExp
}

export const SECRET_RULES: readonly SecretRule[] = [
  {
    rule: 'secret-private-key',
    what: 'a private key',
    anchors: ['-----BEGIN '],
    pattern:
      /-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]){0,8}(?:[A-Za-z-]{3,20}: [^\n]{1,80}\s+){0,4}[A-Za-z0-9+/=]{20}/g,
  },
  {
    rule: 'secret-aws-key',
    what: 'an AWS access key',
    anchors: ['AKIA', 'ASIA'],
    pattern: /(?<![A-Za-z0-9])(?<secret>A[KS]IA[A-Z2-7]{16})(?![A-Za-z0-9])/g,
    nearby:
      /(?<![A-Za-z0-9/+])(?=[A-Za-z0-9/+]{0,39}[a-z])(?=[A-Za-z0-9/+]{0,39}[A-Z])(?=[A-Za-z0-9/+]{0,39}\d)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/,
  },
  {
    rule: 'secret-hugging-face',
    what: 'a Hugging Face token',
    anchors: ['hf_', 'api_org_'],
    pattern: /(?<![A-Za-z0-9_])(?<secret>(?:hf|api_org)_[A-Za-z0-9]{34,40})(?![A-Za-z0-9])/g,
  },
  {
    rule: 'secret-github',
    what: 'a GitHub token',
    anchors: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    pattern: /(?<![A-Za-z0-9_])(?<secret>gh[pousr]_[A-Za-z0-9]{36,255})(?![A-Za-z0-9])/g,
  },
  {
    rule: 'secret-github',
    what: 'a GitHub token',
    anchors: ['github_pat_'],
    pattern: /(?<secret>github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})/g,
  },
  {
    rule: 'secret-gitlab',
    what: 'a GitLab token',
    anchors: ['glpat-'],
    pattern: /(?<secret>glpat-[A-Za-z0-9_-]{20,64})/g,
  },
  {
    rule: 'secret-anthropic',
    what: 'an Anthropic key',
    anchors: ['sk-ant-'],
    pattern: /(?<secret>sk-ant-[a-z0-9]{3,12}-[A-Za-z0-9_-]{40,200})/g,
  },
  {
    rule: 'secret-openai',
    what: 'an OpenAI key',
    anchors: ['sk-proj-', 'sk-svcacct-', 'sk-admin-'],
    pattern: /(?<secret>sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,250})/g,
  },
  {
    rule: 'secret-openai',
    what: 'an OpenAI key',
    anchors: ['T3BlbkFJ'],
    before: 60,
    pattern: /(?<![A-Za-z0-9_-])(?<secret>sk-[A-Za-z0-9_-]{20,50}T3BlbkFJ[A-Za-z0-9_-]{20,120})/g,
  },
  {
    rule: 'secret-slack',
    what: 'a Slack token',
    anchors: ['xox'],
    pattern: /(?<![A-Za-z0-9])(?<secret>xox[abeoprs]-(?:\d+-)?[A-Za-z0-9-]{20,200})/g,
  },
  {
    rule: 'secret-slack',
    what: 'a Slack webhook',
    anchors: ['hooks.slack.com/services/'],
    pattern: /hooks\.slack\.com\/services\/(?<secret>T[A-Z0-9]{6,14}\/B[A-Z0-9]{6,14}\/[A-Za-z0-9]{18,32})/g,
  },
  {
    rule: 'secret-google',
    what: 'a Google API key',
    anchors: ['AIza'],
    pattern: /(?<![A-Za-z0-9_-])(?<secret>AIza[A-Za-z0-9_-]{35})(?![A-Za-z0-9_-])/g,
  },
  {
    rule: 'secret-gcp-service-account',
    what: 'the key of a Google service account',
    anchors: ['"private_key_id"'],
    pattern: /"private_key_id"\s{0,8}:\s{0,8}"(?<secret>[0-9a-f]{40})"/g,
  },
  {
    rule: 'secret-azure',
    what: 'the key of an Azure storage account',
    anchors: ['AccountKey='],
    pattern: /AccountKey=(?<secret>[A-Za-z0-9+/]{86}==)/g,
  },
  {
    rule: 'secret-nvidia',
    what: 'an NVIDIA key',
    anchors: ['nvapi-'],
    pattern: /(?<![A-Za-z0-9])(?<secret>nvapi-[A-Za-z0-9_-]{60,80})/g,
  },
  {
    rule: 'secret-npm',
    what: 'an npm token',
    anchors: ['npm_'],
    pattern: /(?<![A-Za-z0-9_])(?<secret>npm_[A-Za-z0-9]{36})(?![A-Za-z0-9])/g,
  },
  {
    rule: 'secret-wandb',
    what: 'a Weights & Biases key',
    anchors: ['WANDB_API_KEY', 'wandb.login', 'api.wandb.ai'],
    pattern:
      /(?:WANDB_API_KEY|wandb\.login|api\.wandb\.ai)[^\n]{0,40}?(?<![0-9a-f])(?<secret>[0-9a-f]{40})(?![0-9a-f])/g,
  },
  {
    rule: 'secret-url-password',
    what: 'a password in an address',
    anchors: ['://'],
    before: 16,
    pattern:
      /\b[a-z][a-z0-9+.-]{1,14}:\/\/[A-Za-z0-9._%+-]{1,64}:(?<secret>[^\s:@/'"<>\\`]{4,128})@[A-Za-z0-9][A-Za-z0-9.-]{2,253}/gi,
  },
  {
    rule: 'secret-url-password',
    what: 'a password in an address',
    anchors: ['password=', 'passwd=', 'api_key=', 'access_token=', 'Password=', 'PASSWORD='],
    before: 300,
    pattern:
      /:\/\/[^\s'"<>\\`]{3,280}?[?&;](?:password|passwd|api_key|access_token)=(?<secret>[^\s&#'"<>\\`;]{6,128})/gi,
  },
]

/** Words that stand where a secret would: examples in documentation. */
const PLACEHOLDER =
  /example|placeholder|your|changeme|dummy|secret|password|passw|token|xxxx|\*\*|\.\.\.|1234567|abcdef|user|test|\$\{|\{\{|%\(|^[<[{$]/i

/** An example is told by its words, or by how few characters it is made of. */
export function isPlaceholder(secret: string, rule: string): boolean {
  if (PLACEHOLDER.test(secret.replace(/^(?:github_pat|api_org|xox[a-z]|nvapi|sk-[a-z]+)[-_]/, ''))) return true
  return rule !== 'secret-url-password' && new Set(secret.slice(4)).size < Math.min(10, secret.length / 3)
}
