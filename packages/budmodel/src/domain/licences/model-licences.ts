/**
 * Licences made for models, with what they ask for in one sentence each. Facts from the licences' published texts; none
 * of their wording is kept but the titles and phrases they are recognised by.
 */
import { condition, type KnownLicence, knownLicence } from './known-licence.ts'
import type { LicenceCondition } from './licence.ts'
import { researchLicences } from './research-licences.ts'

const acceptableUse = condition('use', 'The licensor’s acceptable-use policy forbids some uses.')
const listedUses = condition('use', 'The uses listed in its attachment are forbidden, for users of derived models too.')
const passOn = condition('attribution', 'Pass on the licence and its notice with every copy.')
const passOnUses = condition('share-alike', 'Derived models must carry the same use restrictions.')
const above = (limit: string): LicenceCondition =>
  condition('users', `Whoever has more than ${limit} needs a licence of their own from the licensor.`)
const earning = (limit: string): LicenceCondition =>
  condition('revenue', `Whoever earns more than ${limit} a year needs a licence of their own from the licensor.`)

const noOtherModels = condition('output-training', 'Its output must not be used to improve other language models.')

interface LlamaRelease {
  version: string
  /** What its text says of itself, beside the title. */
  title: string
  conditions: LicenceCondition[]
}

const euMultimodal = condition(
  'territory',
  'Multimodal models are not licensed to people domiciled, or companies based, in the European Union.',
)
const builtWithLlama = condition('naming', 'Show “Built with Llama” where it is used in a product or service.')
const builtWithLlama3 = condition('naming', 'Show “Built with Meta Llama 3” where it is used in a product or service.')
const llamaFirst = condition('naming', 'Names of models made from it or its output must begin with “Llama”.')
const llama3First = condition('naming', 'Names of models made from it must begin with “Llama 3”.')
const users700 = above('700 million monthly users, at the release')

const LLAMAS: readonly LlamaRelease[] = [
  { version: '2', title: 'llama 2 community license agreement', conditions: [noOtherModels] },
  {
    version: '3',
    title: 'meta llama 3 community license agreement',
    conditions: [builtWithLlama3, llama3First, noOtherModels],
  },
  { version: '3.1', title: 'llama 3.1 community license agreement', conditions: [builtWithLlama, llamaFirst] },
  {
    version: '3.2',
    title: 'llama 3.2 community license agreement',
    conditions: [builtWithLlama, llamaFirst, euMultimodal],
  },
  { version: '3.3', title: 'llama 3.3 community license agreement', conditions: [builtWithLlama, llamaFirst] },
  {
    version: '4',
    title: 'llama 4 community license agreement',
    conditions: [builtWithLlama, llamaFirst, euMultimodal],
  },
]

const llamaLicences = LLAMAS.map(({ version, title, conditions }) => {
  const path = `llama${version.replace('.', '_')}`
  return knownLicence(
    `llama-${version}-community`,
    `Llama ${version} Community License`,
    'conditional',
    `https://www.llama.com/${path}/license/`,
    {
      aliases: [`llama${version}`, `llama-${version}`, `meta-llama-${version}`, `llama ${version}`],
      links: [`llama.com/${path}/license`, `llama.meta.com/${path}/license`],
      marks: [
        [title],
        [title.replace(' agreement', '')],
        [`llama ${version} version release date`],
        [`llama ${version} acceptable use policy`],
      ],
      conditions: [users700, passOn, ...conditions, acceptableUse],
    },
  )
})

const rail = (id: string, name: string, marks: string[], aliases: string[] = []): KnownLicence =>
  knownLicence(id, name, 'conditional', null, {
    marks: marks.map((mark) => [mark]),
    aliases,
    conditions: [passOn, listedUses, passOnUses],
  })

const railLicences = [
  rail('bigscience-bloom-rail-1.0', 'BigScience BLOOM RAIL 1.0', [
    'bigscience rail license v1.0',
    'bigscience bloom rail 1.0',
  ]),
  rail('bigscience-openrail-m', 'BigScience OpenRAIL-M', ['bigscience open rail m license', 'bigscience openrail m']),
  rail('creativeml-openrail-m', 'CreativeML OpenRAIL-M', ['creativeml open rail m', 'creativeml openrail m']),
  rail('bigcode-openrail-m', 'BigCode OpenRAIL-M', ['bigcode open rail m v1', 'bigcode openrail m']),
  rail('openrail++', 'CreativeML Open RAIL++-M', ['creativeml open rail m license dated july'], ['openrail++-m']),
  rail('openrail', 'OpenRAIL licence family', []),
]

const qwenLicences = [
  knownLicence('tongyi-qianwen', 'Tongyi Qianwen License', 'conditional', null, {
    aliases: ['tongyi-qianwen-license-agreement', 'tongyi-qianwen-license'],
    marks: [['tongyi qianwen license agreement']],
    conditions: [above('100 million monthly active users'), passOn, noOtherModels],
  }),
  knownLicence('qwen', 'Qwen License', 'conditional', null, {
    aliases: ['qwen-license', 'qwen-license-agreement'],
    marks: [
      ['qwen license agreement', 'qwen license agreement release date'],
      ['qwen license agreement', '100 million'],
      ['qwen is licensed under the qwen license agreement'],
    ],
    conditions: [
      above('100 million monthly active users'),
      passOn,
      condition(
        'naming',
        'Models improved with it or its output must show “Built with Qwen” or “Improved using Qwen”.',
      ),
    ],
  }),
]

const keepNotice = condition('attribution', 'Keep the copyright notice and the licence text with every copy.')
const showAbove = (model: string, limit: string): LicenceCondition =>
  condition('naming', `Commercial products with more than ${limit} must show “${model}” in their user interface.`)

const modifiedMitLicences = [
  knownLicence('kimi-modified-mit', 'Modified MIT License of Kimi', 'conditional', null, {
    links: ['huggingface.co/moonshotai/kimi-k2', 'github.com/moonshotai/kimi-k2'],
    marks: [['our only modification part is that', 'prominently display kimi']],
    conditions: [
      keepNotice,
      showAbove('Kimi K2', '100 million monthly users or 20 million US dollars of monthly revenue'),
    ],
  }),
  knownLicence('minimax-modified-mit', 'Modified MIT License of MiniMax', 'conditional', null, {
    links: ['github.com/minimax-ai/minimax-m2/', 'huggingface.co/minimaxai/minimax-m2/'],
    marks: [['our only modification', 'prominently display minimax']],
    conditions: [
      keepNotice,
      showAbove('MiniMax', '100 million monthly users or 30 million US dollars of yearly recurring revenue'),
    ],
  }),
  knownLicence('modified-mit', 'Modified MIT License', 'conditional', null, {
    marks: [['modified mit license'], ['our only modification', 'prominently display']],
    conditions: [
      keepNotice,
      condition('naming', 'Large commercial products must name the model in their user interface, as its text says.'),
    ],
  }),
]

const vendorLicences = [
  knownLicence('gemma', 'Gemma Terms of Use', 'conditional', 'https://ai.google.dev/gemma/terms', {
    aliases: ['gemma-terms-of-use', 'gemma-terms'],
    links: ['ai.google.dev/gemma/terms'],
    marks: [['gemma terms of use'], ['gemma prohibited use policy']],
    conditions: [passOn, passOnUses, condition('use', 'Google’s prohibited-use policy forbids some uses.')],
  }),
  knownLicence('health-ai-developer-foundations', 'Health AI Developer Foundations Terms', 'conditional', null, {
    links: ['developers.google.com/health-ai-developer-foundations/terms'],
    marks: [['health ai developer foundations terms of use']],
    conditions: [
      passOn,
      condition('use', 'Clinical use needs the clearance of the health authorities.'),
      acceptableUse,
    ],
  }),
  knownLicence('deepseek', 'DeepSeek License Agreement 1.0', 'conditional', null, {
    aliases: ['deepseek-license', 'deepseek-v3-licence', 'deepseek-model-license', 'deepseek-license-agreement'],
    links: ['github.com/deepseek-ai/deepseek-v2/blob/main/license-model', 'github.com/deepseek-ai/deepseek-coder'],
    marks: [['deepseek license agreement']],
    conditions: [passOn, listedUses, passOnUses],
  }),
  knownLicence(
    'falcon-llm',
    'TII Falcon-LLM License 2.0',
    'conditional',
    'https://falconllm.tii.ae/falcon-terms-and-conditions.html',
    {
      aliases: [
        'falcon-llm-license',
        'falcon-license',
        'falcon-mamba-7b-license',
        'falcon-mamba-license',
        'tii-falcon-llm-license',
      ],
      links: [
        'falconllm.tii.ae/falcon-terms-and-conditions',
        'falconllm.tii.ae/falcon-2-terms-and-conditions',
        'falconllm.tii.ae/falcon-mamba-7b-terms-and-conditions',
      ],
      marks: [['tii falcon llm license version 2.0'], ['tii falcon mamba']],
      conditions: [
        passOn,
        condition('attribution', 'Say that it was built using Falcon of the Technology Innovation Institute.'),
        acceptableUse,
      ],
    },
  ),
  knownLicence('falcon-180b', 'Falcon-180B TII License', 'conditional', null, {
    aliases: ['falcon-180b-license', 'falcon-180b-tii-license'],
    links: ['falcon-180b-license'],
    marks: [['falcon 180b tii license']],
    conditions: [
      passOn,
      condition('use', 'Offering it to others as a hosted service needs a licence of its own.'),
      acceptableUse,
    ],
  }),
  knownLicence('yi', 'Yi Series Models Community License', 'conditional', null, {
    aliases: ['yi-license', 'yi-series-models-license'],
    marks: [['yi series models community license agreement'], ['yi series models license agreement']],
    conditions: [
      passOn,
      condition('registration', 'Commercial use has to be registered with the licensor.'),
      acceptableUse,
    ],
  }),
  knownLicence('glm-4', 'GLM-4 License', 'conditional', null, {
    aliases: ['glm-4-9b', 'glm-4-9b-license'],
    marks: [['the glm 4 9b license'], ['glm 4 9b license']],
    conditions: [
      passOn,
      condition('registration', 'Commercial use has to be registered with the licensor.'),
      condition('naming', 'Show “Built with glm-4”, and begin names of models made from it with “glm-4”.'),
      acceptableUse,
    ],
  }),
  knownLicence('minimax-model', 'MiniMax Model License', 'conditional', null, {
    aliases: ['minimax-model-license', 'minimax-model-license-agreement'],
    marks: [['minimax model license'], ['minimax model license agreement']],
    conditions: [passOn, acceptableUse],
  }),
  knownLicence(
    'nvidia-open-model',
    'NVIDIA Open Model License',
    'conditional',
    'https://www.nvidia.com/en-us/agreements/enterprise-software/nvidia-open-model-license/',
    {
      aliases: ['nvidia-open-model-license', 'nvidia-open-model-license-agreement'],
      links: ['nvidia-open-model-license'],
      marks: [['nvidia open model license']],
      conditions: [
        condition(
          'attribution',
          'Pass on the licence with “Licensed by NVIDIA Corporation under the NVIDIA Open Model License”.',
        ),
        condition('use', 'The licence ends when a safety guardrail is taken out without a comparable one.'),
      ],
    },
  ),
  knownLicence('grok-2-community', 'Grok 2 Community License', 'conditional', null, {
    aliases: ['grok2-community', 'grok-2-community-license', 'grok2'],
    links: ['huggingface.co/xai-org/grok-2/blob/main/license'],
    marks: [['grok 2 community license agreement'], ['xai community license agreement', 'grok']],
    conditions: [
      earning('1 million US dollars'),
      condition('attribution', 'Show “Powered by xAI”.'),
      noOtherModels,
      acceptableUse,
    ],
  }),
  knownLicence(
    'jamba-open-model',
    'Jamba Open Model License',
    'conditional',
    'https://www.ai21.com/jamba-open-model-license/',
    {
      aliases: ['jamba-open-model-license', 'jamba-open-model-license-agreement'],
      links: ['ai21.com/jamba-open-model-license', 'ai21.com/licenses/jamba-open-model-license'],
      marks: [['jamba open model license']],
      conditions: [earning('50 million US dollars'), passOn, acceptableUse],
    },
  ),
  knownLicence(
    'databricks-open-model',
    'Databricks Open Model License',
    'conditional',
    'https://www.databricks.com/legal/open-model-license',
    {
      aliases: ['databricks-open-model-license', 'dbrx'],
      links: ['databricks.com/legal/open-model-license'],
      marks: [['databricks open model license']],
      conditions: [above('700 million monthly active users'), passOn, noOtherModels, acceptableUse],
    },
  ),
  knownLicence('apple-ascl', 'Apple Sample Code License', 'conditional', null, {
    aliases: ['apple-sample-code-license'],
    conditions: [
      passOn,
      condition('naming', 'Apple’s names and marks must not be used to promote what is made from it.'),
    ],
  }),
  knownLicence(
    'stabilityai-community',
    'Stability AI Community License',
    'conditional',
    'https://stability.ai/community-license-agreement',
    {
      aliases: ['stabilityai-ai-community', 'stability-ai-community', 'stabilityai-ai-community-license'],
      links: ['stability.ai/community-license-agreement'],
      marks: [['stability ai community license agreement']],
      conditions: [
        earning('1 million US dollars'),
        condition('registration', 'Commercial use has to be registered with Stability AI.'),
        condition('naming', 'Show “Powered by Stability AI”.'),
        acceptableUse,
      ],
    },
  ),
  knownLicence('tencent-hunyuan-community', 'Tencent Hunyuan Community License', 'conditional', null, {
    aliases: ['tencent-hunyuan', 'tencent-hunyuan-a13b', 'tencent-hunyuan-large', 'hunyuan-community'],
    marks: [['tencent hunyuan', 'community license agreement']],
    conditions: [
      condition('territory', 'Not licensed for use in the European Union, the United Kingdom and South Korea.'),
      above('100 million monthly active users'),
      noOtherModels,
      acceptableUse,
    ],
  }),
  knownLicence('lfm-1.0', 'LFM Open License 1.0', 'conditional', null, {
    aliases: ['lfm1.0', 'lfm-open-license-v1.0'],
    marks: [['lfm open license v1.0']],
    conditions: [earning('10 million US dollars'), passOn],
  }),
  knownLicence('baichuan-2-community', 'Baichuan 2 Community License', 'conditional', null, {
    aliases: ['baichuan2-community', 'baichuan-2-community-license', 'baichuan2'],
    marks: [['community license for baichuan 2 model'], ['community license for baichuan2 model']],
    conditions: [
      condition('registration', 'Commercial use needs the licensor’s grant, for up to one million daily users.'),
      acceptableUse,
    ],
  }),
  knownLicence('baai-aquila', 'BAAI Aquila Model License', 'conditional', null, {
    aliases: ['baai-aquila-model-license', 'aquila', 'baai-aquila-model-licence-agreement'],
    marks: [['baai aquila model license agreement'], ['baai aquila model licence agreement']],
    conditions: [passOn, acceptableUse],
  }),
]

export const modelLicences: readonly KnownLicence[] = [
  ...llamaLicences,
  ...railLicences,
  ...qwenLicences,
  ...modifiedMitLicences,
  ...vendorLicences,
  ...researchLicences,
]
