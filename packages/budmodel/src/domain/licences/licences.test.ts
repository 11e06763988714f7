import spdxTexts from 'spdx-license-list/full.js'
import { describe, expect, it, test } from 'vitest'
import { makeSketches } from '../../tools/make-licence-sketches.ts'
import { detectLicence, type LicenceClues } from './detect-licence.ts'
import { inheritLicence } from './inherit-licence.ts'
import type { LicenceFinding } from './licence.ts'
import { parseLicenceExpression } from './licence-expression.ts'
import { spdxFilters, spdxSketches } from './spdx-sketches.ts'
import { type LicenceFields, statedLicence } from './stated-licence.ts'
import { isLicenceFile, recogniseLicence } from './text-licence.ts'
import { findLicence, wellKnownLicences } from './well-known-licences.ts'

const fields = (license: string[], name: string | null = null, link: string | null = null): LicenceFields => ({
  license,
  license_name: name,
  license_link: link,
})
const text = (id: string): string => spdxTexts[id]?.licenseText ?? ''
const clues = (given: Partial<LicenceClues>): LicenceClues => ({
  card: null,
  files: [],
  gguf: null,
  claimed: null,
  ...given,
})
const recognisedId = (path: string, content: string): string | undefined => {
  const read = recogniseLicence(path, content)
  return read.kind === 'recognised' ? read.licence.id : undefined
}

describe('well-known licences', () => {
  it('have names that mean one licence each', () => {
    const names = wellKnownLicences.flatMap(({ id, aliases }) => [id.toLowerCase(), ...aliases])
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
    expect(names).toEqual(names.map((name) => name.toLowerCase()))
  })

  it('each say what they ask for, and only those that ask for nothing are silent', () => {
    for (const { id, class: kind, conditions } of wellKnownLicences) {
      if (kind === 'conditional' || kind === 'non-commercial') expect([id, conditions.length]).not.toEqual([id, 0])
      for (const one of conditions) expect(one.text).toMatch(/^\S.*\.$/)
    }
  })

  test.each([
    ['apache-2.0', 'Apache-2.0', 'permissive'],
    ['MIT', 'MIT', 'permissive'],
    ['cc-by-4.0', 'CC-BY-4.0', 'permissive'],
    ['cc-by-sa-4.0', 'CC-BY-SA-4.0', 'conditional'],
    ['cc-by-nc-4.0', 'CC-BY-NC-4.0', 'non-commercial'],
    ['gpl-3.0', 'GPL-3.0-only', 'conditional'],
    ['agpl-3.0', 'AGPL-3.0-only', 'conditional'],
    ['llama2', 'llama-2-community', 'conditional'],
    ['llama3', 'llama-3-community', 'conditional'],
    ['llama3.1', 'llama-3.1-community', 'conditional'],
    ['llama3.2', 'llama-3.2-community', 'conditional'],
    ['llama3.3', 'llama-3.3-community', 'conditional'],
    ['llama4', 'llama-4-community', 'conditional'],
    ['gemma', 'gemma', 'conditional'],
    ['bigscience-bloom-rail-1.0', 'bigscience-bloom-rail-1.0', 'conditional'],
    ['creativeml-openrail-m', 'creativeml-openrail-m', 'conditional'],
    ['bigcode-openrail-m', 'bigcode-openrail-m', 'conditional'],
    ['grok2-community', 'grok-2-community', 'conditional'],
    ['apple-amlr', 'apple-amlr', 'non-commercial'],
    ['openmdw-1.0', 'OpenMDW-1.0', 'permissive'],
  ])('Hugging Face’s %s is %s, %s', (written, id, kind) => {
    expect(findLicence(written)).toMatchObject({ id, class: kind })
  })

  test('every licence id that Hugging Face lists is known', () => {
    const listed =
      'apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0 bigcode-openrail-m afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0 cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc h-research intel-research lppl-1.3c ms-pl apple-ascl apple-amlr mpl-2.0 odc-by odbl openmdw-1.0 openrail++ osl-3.0 postgresql ofl-1.1 ncsa unlicense zlib pddl lgpl-lr deepfloyd-if-license fair-noncommercial-research-license llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 grok2-community gemma'
    expect(listed.split(' ').filter((id) => !findLicence(id))).toEqual([])
  })
})

describe('licences of model cards', () => {
  test.each([
    [fields(['other'], 'tongyi-qianwen', 'https://huggingface.co/Qwen/Qwen1.5-7B/blob/main/LICENSE'), 'tongyi-qianwen'],
    [fields(['other'], 'qwen-research', 'LICENSE'), 'qwen-research'],
    [fields(['other'], 'deepseek', 'https://github.com/deepseek-ai/DeepSeek-V2/blob/main/LICENSE-MODEL'), 'deepseek'],
    [fields(['other'], 'nvidia-open-model-license', 'https://www.nvidia.com/en-us/agreements/x/'), 'nvidia-open-model'],
    [fields(['other'], null, 'https://ai.google.dev/gemma/terms'), 'gemma'],
    [
      fields(['other'], 'modified-mit', 'https://huggingface.co/moonshotai/Kimi-K2.5/blob/main/LICENSE'),
      'kimi-modified-mit',
    ],
    [fields(['other'], 'modified-mit', 'LICENSE'), 'modified-mit'],
    [fields(['Apache 2.0']), 'Apache-2.0'],
    [fields(['mit OR apache-2.0']), 'MIT OR Apache-2.0'],
    [fields(['mit', 'cc-by-nc-4.0']), 'MIT AND CC-BY-NC-4.0'],
    [fields(['apache-2.0'], 'jamba-open-model-license'), 'Apache-2.0 AND jamba-open-model'],
    [fields(['other'], 'Acme Model Terms'), 'LicenseRef-Acme-Model-Terms'],
    [fields(['other']), 'other'],
    [fields(['unknown']), undefined],
    [fields([]), undefined],
  ])('%o are %s', (given, id) => {
    expect(statedLicence(given, 'model-card')?.licence.id).toBe(id)
  })

  it('take the strictest class of several, with all conditions', () => {
    const { licence } = statedLicence(fields(['mit', 'cc-by-nc-4.0']), 'model-card') as LicenceFinding
    expect(licence.class).toBe('non-commercial')
    expect(licence.conditions.map(({ kind }) => kind)).toEqual(['attribution', 'attribution', 'no-commercial'])
  })

  it('show only web addresses as links', () => {
    const urlOf = (link: string) => statedLicence(fields(['other'], 'mine', link), 'model-card')?.licence.url
    expect(urlOf('https://example.com/licence')).toBe('https://example.com/licence')
    for (const link of ['LICENSE', 'javascript:alert(1)', 'https://', 'data:text/html,x'])
      expect(urlOf(link)).toBeNull()
  })
})

describe('SPDX expressions', () => {
  test.each([
    ['Apache-2.0 OR GPL-3.0-only', 'permissive'],
    ['MIT AND GPL-2.0-only', 'conditional'],
    ['MIT AND (CC-BY-NC-4.0 OR GPL-2.0-only)', 'conditional'],
    ['CC-BY-NC-4.0 OR CC-BY-NC-SA-4.0', 'non-commercial'],
    ['GPL-2.0-or-later WITH Classpath-exception-2.0', 'conditional'],
    ['AAL', 'unknown'],
    ['LicenseRef-house AND MIT', 'unknown'],
  ])('%s is %s', (expression, kind) => {
    expect(parseLicenceExpression(expression)?.class).toBe(kind)
  })

  test.each(['MIT AND', 'not a licence', '', '('.repeat(200), `MIT${' OR MIT'.repeat(100)}`])('%s is none', (none) => {
    expect(parseLicenceExpression(none)).toBeUndefined()
  })
})

describe('licence texts', () => {
  it('are compared with sketches of the package’s texts as they are', async () => {
    expect(await makeSketches()).toEqual({ sketches: spdxSketches, filters: spdxFilters })
  })

  test.each(Object.keys(spdxSketches))('%s is recognised by its text, and by no other', (id) => {
    expect(recognisedId('LICENSE', text(id))).toBe(id)
  })

  it('may name another holder, be wrapped otherwise and lack an appendix', () => {
    const mit = text('MIT')
      .replace(/<year>.*/, '2023 DeepSeek')
      .split(/\s+/)
      .join('\n')
    expect(recognisedId('LICENSE', `Copyright (c) 2023 Somebody\n\n${mit}`)).toBe('MIT')
    const isc = text('ISC')
      .replaceAll('ISC ', 'THE AUTHOR ')
      .replace(/granted, provided that the above /, 'granted, provided that the above\n')
    expect(recognisedId('LICENSE', `Copyright Jane Doe 2020\n${isc}`)).toBe('ISC')
    const bsd = text('BSD-3-Clause')
      .replace(/^\s*\d\. /gm, '  * ')
      .replace(/Neither the name of .{0,20}copyright holder/s, 'Neither the name of the Example Foundation')
      .replaceAll('COPYRIGHT HOLDERS', 'REGENTS')
    expect(recognisedId('LICENSE', bsd)).toBe('BSD-3-Clause')
    const apache = text('Apache-2.0')
    expect(recognisedId('LICENSE', apache.slice(0, apache.indexOf('APPENDIX')))).toBe('Apache-2.0')
  })

  test.each(['MIT', 'Apache-2.0', 'CC-BY-4.0', 'BSD-3-Clause'])('%s with a clause added is not that licence', (id) => {
    const weather = 'Some words about the weather, the sea and the hills behind it, as seen from the road to town,'
    for (const clause of [
      'Commercial use of the model requires written consent.',
      'The model is for research.',
      `${weather} ${weather.split(' ').toReversed().join(' ')} and then once again from the hills.`,
    ]) {
      expect(recogniseLicence('LICENSE', `${text(id)}\n${clause}`)).toMatchObject({
        licence: { id: `LicenseRef-${id}-with-changes`, class: 'unknown' },
      })
    }
  })

  it('far from any known one say what they resemble', () => {
    const part = `${text('MIT').slice(0, 450)} One may look at it and think of other things, but never say so.`
    expect(recogniseLicence('LICENSE', part)).toMatchObject({
      kind: 'unrecognised',
      evidence: expect.stringMatching(/% of it is the MIT/),
    })
  })

  test.each([
    ['LLAMA 2 COMMUNITY LICENSE AGREEMENT\nLlama 2 Version Release Date: July 18, 2023', 'llama-2-community'],
    ['META LLAMA 3 COMMUNITY LICENSE AGREEMENT', 'llama-3-community'],
    ['LLAMA 3.1 COMMUNITY LICENSE AGREEMENT\nLlama 3.1 Version Release Date: July 23, 2024', 'llama-3.1-community'],
    ['**Llama 3.2** **Acceptable Use Policy**', 'llama-3.2-community'],
    ['Llama 3.3 is licensed under the Llama 3.3 Community License, Copyright © Meta', 'llama-3.3-community'],
    ['LLAMA 4 COMMUNITY LICENSE AGREEMENT', 'llama-4-community'],
    ['Gemma is provided under and subject to the Gemma Terms of Use', 'gemma'],
    ['Tongyi Qianwen LICENSE AGREEMENT\n\nTongyi Qianwen Release Date: August 3, 2023', 'tongyi-qianwen'],
    ['Tongyi Qianwen RESEARCH LICENSE AGREEMENT', 'tongyi-qianwen-research'],
    [
      'Qwen RESEARCH LICENSE AGREEMENT\n\nQwen RESEARCH LICENSE AGREEMENT Release Date: September 19, 2024',
      'qwen-research',
    ],
    ['Qwen LICENSE AGREEMENT\n\nQwen LICENSE AGREEMENT Release Date: September 19, 2024', 'qwen'],
    ['DEEPSEEK LICENSE AGREEMENT\nVersion 1.0, 23 October 2023', 'deepseek'],
    ['BigCode Open RAIL-M v1 License Agreement', 'bigcode-openrail-m'],
    ['NVIDIA Open Model License Agreement', 'nvidia-open-model'],
    ['EXAONE AI Model License Agreement 1.1 - NC', 'exaone-nc'],
    ['Mistral AI Non-Production License', 'mistral-mnpl'],
    ['GNU LESSER GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007', 'LGPL-3.0-only'],
    ['SPDX-License-Identifier: MIT OR Apache-2.0', 'MIT OR Apache-2.0'],
    ['This model is licensed under the Apache License, Version 2.0.', 'Apache-2.0'],
  ])('%s → %s', (content, id) => {
    expect(recognisedId('LICENSE', content)).toBe(id)
  })

  it('of notices name every licence that went into a model', () => {
    const notice = `Llama 3.1 is licensed under the Llama 3.1 Community License, Copyright © Meta Platforms, Inc.
      Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms.
      Qwen is licensed under the Qwen LICENSE AGREEMENT, Copyright (c) Alibaba Cloud.`
    expect(recognisedId('NOTICE.txt', notice)).toBe('llama-3.1-community AND qwen AND gemma')
  })

  it('tell Kimi’s modified MIT from MIT', () => {
    const clause =
      'Our only modification part is that, if the Software is used for a product of more than 100 million users, you shall prominently display "Kimi K2" on its user interface.'
    expect(recognisedId('LICENSE', `Modified MIT License\n${text('MIT')}\n${clause}`)).toBe('kimi-modified-mit')
  })

  it('are looked for in files named for them', () => {
    const yes = ['LICENSE', 'license.txt', 'LICENCE.md', 'LICENSE-MODEL', 'COPYING', 'NOTICE', 'USE_POLICY.md']
    const no = ['licenses.json', 'src/LICENSE', 'notices', 'README.md', 'unlicensed.bin']
    expect([yes.filter((path) => !isLicenceFile(path)), no.filter(isLicenceFile)]).toEqual([[], []])
  })
})

describe('a model’s files together', () => {
  const files = (path: string, id: string) => [{ path, text: text(id) }]

  it('agree when they say the same in other words', () => {
    for (const [card, id] of [
      ['gpl-3.0', 'GPL-3.0-only'],
      ['gpl', 'GPL-3.0-only'],
      ['bsd', 'BSD-3-Clause'],
      ['apache-2.0', 'Apache-2.0'],
    ] as const) {
      const { conflicts } = detectLicence(clues({ card: fields([card]), files: files('LICENSE', id) }))
      expect(conflicts).toEqual([])
    }
  })

  it('that disagree are shown, and the stricter counts', () => {
    const found = detectLicence(clues({ card: fields(['cc-by-nc-4.0']), files: files('LICENSE', 'MIT') }))
    expect(found).toMatchObject({
      licence: { licence: { id: 'CC-BY-NC-4.0' }, source: 'model-card' },
      conflicts: [{ field: 'licence', claimed: 'CC-BY-NC-4.0', found: 'MIT' }],
    })
    const other = detectLicence(clues({ card: fields(['mit']), files: files('LICENSE', 'CC-BY-NC-4.0') }))
    expect(other.licence).toMatchObject({ licence: { id: 'CC-BY-NC-4.0' }, source: 'licence-file' })
  })

  it('take the licence of the model before that of the code', () => {
    const both = [
      { path: 'LICENSE-CODE', text: text('MIT') },
      { path: 'LICENSE-MODEL', text: 'DEEPSEEK LICENSE AGREEMENT Version 1.0' },
    ]
    expect(detectLicence(clues({ files: both })).licence?.licence.id).toBe('deepseek')
  })

  it('show a text nobody knows beside a stated licence, and are unknown with it alone', () => {
    const odd = [{ path: 'LICENSE', text: 'You may look at this model on Sundays.' }]
    expect(detectLicence(clues({ card: fields(['mit']), files: odd })).conflicts).toHaveLength(1)
    expect(detectLicence(clues({ files: odd })).licence).toMatchObject({ licence: { id: 'other', class: 'unknown' } })
  })

  it('win over the registration, which counts where they are silent', () => {
    const found = detectLicence(clues({ card: fields(['llama3.1']), claimed: 'apache-2.0' }))
    expect(found.licence?.licence.id).toBe('llama-3.1-community')
    expect(found.conflicts).toMatchObject([{ claimed: 'Apache-2.0', found: 'llama-3.1-community' }])
    expect(detectLicence(clues({ claimed: 'apache-2.0' })).licence?.source).toBe('request')
    expect(detectLicence(clues({}))).toEqual({ licence: null, conflicts: [] })
  })
})

describe('licences of base models', () => {
  const of = (id: string): LicenceFinding => statedLicence(fields([id]), 'model-card') as LicenceFinding

  it('are taken over by what states none', () => {
    const { licence, conflicts } = inheritLicence(null, [{ name: 'meta-llama/Llama-3.1-8B', licence: of('llama3.1') }])
    expect(licence).toMatchObject({
      licence: { id: 'llama-3.1-community' },
      source: 'inherited',
      from: 'meta-llama/Llama-3.1-8B',
    })
    expect(conflicts).toEqual([])
  })

  it('still hold when a laxer one is stated', () => {
    const { licence, conflicts } = inheritLicence(of('apache-2.0'), [{ name: 'base', licence: of('cc-by-nc-4.0') }])
    expect(licence?.licence).toMatchObject({ id: 'Apache-2.0 AND CC-BY-NC-4.0', class: 'non-commercial' })
    expect(conflicts).toMatchObject([{ claimed: 'Apache-2.0', found: 'CC-BY-NC-4.0' }])
  })

  it('add nothing when they are permissive, stated too, or not known', () => {
    const own = of('llama3.1')
    for (const base of [of('mit'), of('llama3.1'), null]) {
      expect(inheritLicence(own, [{ name: 'base', licence: base }])).toEqual({ licence: own, conflicts: [] })
    }
    expect(inheritLicence(null, [{ name: 'base', licence: null }])).toEqual({ licence: null, conflicts: [] })
  })

  it('of every model in a merge hold', () => {
    const bases = [
      { name: 'a', licence: of('gemma') },
      { name: 'b', licence: of('llama3.1') },
    ]
    const { licence } = inheritLicence(null, bases)
    expect(licence).toMatchObject({ licence: { id: 'gemma AND llama-3.1-community' }, from: 'a, b' })
  })
})
