/** Model licences that leave commerce out: research, evaluation or private use alone. */
import { condition, type KnownLicence, knownLicence } from './known-licence.ts'

interface Research {
  id: string
  name: string
  aliases?: string[]
  links?: string[]
  marks?: string[][]
  /** What it allows, as the end of "Only for …". */
  only?: string
}

const RESEARCH: readonly Research[] = [
  {
    id: 'llama-1-research',
    name: 'LLaMA research licence (2023)',
    aliases: ['llama1', 'llama-1'],
    marks: [['llama', 'non commercial research purposes', 'meta platforms']],
  },
  {
    id: 'qwen-research',
    name: 'Qwen Research License',
    aliases: ['qwen-research-license', 'qwen-research-license-agreement'],
    marks: [['qwen research license agreement']],
    only: 'research and evaluation',
  },
  {
    id: 'tongyi-qianwen-research',
    name: 'Tongyi Qianwen Research License',
    aliases: ['tongyi-qianwen-research-license', 'tongyi-qianwen-research-license-agreement'],
    marks: [['tongyi qianwen research license agreement']],
  },
  {
    id: 'mistral-mnpl',
    name: 'Mistral AI Non-Production License',
    aliases: ['mnpl', 'mnpl-0.1', 'mistral-ai-non-production-license', 'mistral-non-production-license'],
    links: ['mistral.ai/licenses/mnpl'],
    marks: [['mistral ai non production license']],
    only: 'research, testing and evaluation, not production',
  },
  {
    id: 'mistral-mrl',
    name: 'Mistral Research License',
    aliases: ['mrl', 'mistral-research-license', 'mistral-ai-research-license', 'mistral-ai-mrl'],
    links: ['mistral.ai/licenses/mrl'],
    marks: [['mistral ai research license']],
  },
  {
    id: 'apple-amlr',
    name: 'Apple Machine Learning Research Model License',
    aliases: ['apple-machine-learning-research-model-license'],
    marks: [['apple machine learning research model license agreement']],
  },
  {
    id: 'exaone-nc',
    name: 'EXAONE AI Model License - NC',
    aliases: ['exaone'],
    marks: [['exaone ai model license agreement', 'nc']],
  },
  {
    id: 'stabilityai-nc-research',
    name: 'Stability AI Non-Commercial Research Community License',
    aliases: ['stabilityai-nc-research-community', 'stabilityai-non-commercial-research-community'],
    marks: [['stability ai non commercial research community license agreement']],
  },
  {
    id: 'nvidia-source-code-nc',
    name: 'NVIDIA Source Code License (non-commercial)',
    aliases: ['nsclv1', 'nvidia-source-code-license', 'nvidia-source-code-license-nc', 'nscl'],
    marks: [['nvidia source code license', 'non commercially']],
  },
  {
    id: 'nvidia-oneway-nc',
    name: 'NVIDIA OneWay Noncommercial License',
    aliases: ['nvidia-oneway-noncommercial-license', 'nvidia-non-commercial', 'nvidia-noncommercial-license'],
    marks: [['nvidia oneway noncommercial license']],
  },
  {
    id: 'opt-175b',
    name: 'OPT-175B License',
    aliases: ['opt-175b-license', 'opt'],
    links: ['opt-175b/model_license', 'opt/model_license'],
    marks: [['opt 175b license agreement']],
  },
  {
    id: 'fair-noncommercial-research',
    name: 'FAIR Noncommercial Research License',
    aliases: ['fair-noncommercial-research-license', 'fair-nc'],
    marks: [['fair noncommercial research license'], ['fair non commercial research license']],
  },
  {
    id: 'microsoft-research',
    name: 'Microsoft Research License',
    aliases: ['microsoft-research-license', 'msrla'],
    marks: [['microsoft research license terms'], ['msr la']],
  },
  { id: 'intel-research', name: 'Intel Research Use License', marks: [['intel research use license agreement']] },
  { id: 'h-research', name: 'H Research License' },
  {
    id: 'deepfloyd-if-license',
    name: 'DeepFloyd IF Research License',
    marks: [['deepfloyd if research license agreement'], ['deepfloyd if license agreement']],
  },
  {
    id: 'flux-1-dev-nc',
    name: 'FLUX.1 [dev] Non-Commercial License',
    aliases: ['flux-1-dev-non-commercial-license', 'flux-dev-non-commercial-license'],
    marks: [
      ['flux.1 dev non commercial license'],
      ['flux 1 dev non commercial license'],
      ['flux dev non commercial license'],
    ],
  },
  {
    id: 'coqui-public-model',
    name: 'Coqui Public Model License',
    aliases: ['coqui-public-model-license', 'cpml'],
    marks: [['coqui public model license']],
  },
]

export const researchLicences: readonly KnownLicence[] = RESEARCH.map(
  ({ id, name, aliases, links, marks, only = 'research that is not commercial' }) =>
    knownLicence(id, name, 'non-commercial', null, {
      aliases: aliases ?? [],
      links: links ?? [],
      marks: marks ?? [],
      conditions: [condition('no-commercial', `Only for ${only}.`)],
    }),
)
