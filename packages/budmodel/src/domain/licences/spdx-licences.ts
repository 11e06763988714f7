/** Licences of the SPDX list that models are published under, with what they ask for. */
import { condition, type KnownLicence, knownLicence } from './known-licence.ts'
import type { LicenceCondition } from './licence.ts'

const notice = condition('attribution', 'Keep the copyright notice and the licence text with every copy.')
const credit = condition('attribution', 'Credit the author, link the licence and say what was changed.')
const shareAlike = condition('share-alike', 'What is made from it must be shared under the same licence.')
const noCommerce = condition('no-commercial', 'Use must not be primarily for commercial advantage or payment.')
const noDerivatives = condition('no-derivatives', 'Changed versions, fine-tuned ones included, must not be shared.')
const copyleft = condition(
  'copyleft',
  'Whoever passes it on, changed or not, must pass on the source under the same licence.',
)
const weakCopyleft = condition('copyleft', 'Changes to its own files must be passed on under the same licence.')
const networkCopyleft = condition('copyleft', 'Whoever serves it over a network must offer its users the source.')

const permissive = (id: string, name: string, conditions: LicenceCondition[] = [notice], aliases: string[] = []) =>
  knownLicence(id, name, 'permissive', spdxUrl(id), { conditions, aliases })
const conditional = (id: string, name: string, conditions: LicenceCondition[], aliases: string[] = []) =>
  knownLicence(id, name, 'conditional', spdxUrl(id), { conditions, aliases })
const spdxUrl = (id: string): string => `https://spdx.org/licenses/${id}.html`

const permissiveLicences: KnownLicence[] = [
  permissive('Apache-2.0', 'Apache License 2.0', undefined, [
    'apache',
    'apache2',
    'apache 2',
    'apache-2',
    'apache 2.0',
    'apache license 2.0',
    'apache license, version 2.0',
    'apache license version 2.0',
  ]),
  permissive('MIT', 'MIT License', undefined, ['mit license', 'the mit license']),
  permissive('MIT-0', 'MIT No Attribution', []),
  permissive('BSD-2-Clause', 'BSD 2-Clause License'),
  permissive('BSD-3-Clause', 'BSD 3-Clause License'),
  permissive('BSD-3-Clause-Clear', 'BSD 3-Clause Clear License'),
  permissive('ISC', 'ISC License'),
  permissive('0BSD', 'BSD Zero Clause License', []),
  permissive('Unlicense', 'The Unlicense', []),
  permissive('CC0-1.0', 'Creative Commons Zero 1.0', [], ['cc0']),
  permissive('PDDL-1.0', 'Open Data Commons Public Domain Dedication 1.0', [], ['pddl']),
  permissive('Zlib', 'zlib License'),
  permissive('BSL-1.0', 'Boost Software License 1.0'),
  permissive('WTFPL', 'Do What The F*ck You Want To Public License', []),
  permissive('NCSA', 'University of Illinois/NCSA Open Source License'),
  permissive('PostgreSQL', 'PostgreSQL License'),
  permissive('ECL-2.0', 'Educational Community License 2.0'),
  permissive('AFL-3.0', 'Academic Free License 3.0'),
  permissive('Artistic-2.0', 'Artistic License 2.0'),
  permissive('BlueOak-1.0.0', 'Blue Oak Model License 1.0.0'),
  permissive('OpenMDW-1.0', 'OpenMDW License 1.0'),
  permissive('CDLA-Permissive-1.0', 'Community Data License Agreement Permissive 1.0'),
  permissive('CDLA-Permissive-2.0', 'Community Data License Agreement Permissive 2.0'),
  permissive('etalab-2.0', 'Etalab Open Licence 2.0', [credit]),
  permissive('ODC-By-1.0', 'Open Data Commons Attribution License 1.0', [credit], ['odc-by']),
]

const copyleftLicences: KnownLicence[] = [
  conditional('GPL-2.0-only', 'GNU General Public License 2.0', [copyleft], ['gpl-2.0']),
  conditional('GPL-2.0-or-later', 'GNU General Public License 2.0 or later', [copyleft], ['gpl-2.0+']),
  conditional('GPL-3.0-only', 'GNU General Public License 3.0', [copyleft], ['gpl-3.0']),
  conditional('GPL-3.0-or-later', 'GNU General Public License 3.0 or later', [copyleft], ['gpl-3.0+']),
  conditional('LGPL-2.1-only', 'GNU Lesser General Public License 2.1', [weakCopyleft], ['lgpl-2.1']),
  conditional('LGPL-2.1-or-later', 'GNU Lesser General Public License 2.1 or later', [weakCopyleft], ['lgpl-2.1+']),
  {
    ...conditional('LGPL-3.0-only', 'GNU Lesser General Public License 3.0', [weakCopyleft], ['lgpl-3.0']),
    // Its SPDX text has that of the GPL appended, which files leave out.
    marks: [['gnu lesser general public license version 3']],
  },
  conditional('LGPL-3.0-or-later', 'GNU Lesser General Public License 3.0 or later', [weakCopyleft], ['lgpl-3.0+']),
  conditional(
    'AGPL-3.0-only',
    'GNU Affero General Public License 3.0',
    [copyleft, networkCopyleft],
    ['agpl-3.0', 'agpl'],
  ),
  conditional(
    'AGPL-3.0-or-later',
    'GNU Affero General Public License 3.0 or later',
    [copyleft, networkCopyleft],
    ['agpl-3.0+'],
  ),
  conditional('GFDL-1.3-only', 'GNU Free Documentation License 1.3', [copyleft]),
  conditional('LGPLLR', 'Lesser General Public License For Linguistic Resources', [weakCopyleft], ['lgpl-lr']),
  conditional('MPL-2.0', 'Mozilla Public License 2.0', [weakCopyleft]),
  conditional('EPL-1.0', 'Eclipse Public License 1.0', [weakCopyleft]),
  conditional('EPL-2.0', 'Eclipse Public License 2.0', [weakCopyleft]),
  conditional('EUPL-1.1', 'European Union Public License 1.1', [copyleft, networkCopyleft]),
  conditional('EUPL-1.2', 'European Union Public License 1.2', [copyleft, networkCopyleft]),
  conditional('OSL-3.0', 'Open Software License 3.0', [copyleft, networkCopyleft]),
  conditional('LPPL-1.3c', 'LaTeX Project Public License 1.3c', [weakCopyleft]),
  conditional('MS-PL', 'Microsoft Public License', [weakCopyleft]),
  conditional('OFL-1.1', 'SIL Open Font License 1.1', [shareAlike]),
  conditional('ODbL-1.0', 'Open Database License 1.0', [credit, shareAlike], ['odbl']),
  conditional('CDLA-Sharing-1.0', 'Community Data License Agreement Sharing 1.0', [shareAlike]),
  conditional(
    'C-UDA-1.0',
    'Computational Use of Data Agreement 1.0',
    [condition('use', 'Only for computational use, such as training and evaluating models.')],
    ['c-uda'],
  ),
  conditional('SSPL-1.0', 'Server Side Public License 1', [
    copyleft,
    condition('copyleft', 'Whoever offers it as a service must publish the source of the whole service.'),
  ]),
  conditional('BUSL-1.1', 'Business Source License 1.1', [
    condition('use', 'Production use needs the licensor’s grant until the change date that its text names.'),
  ]),
]

interface Commons {
  suffix: string
  name: string
  versions: string[]
}

const COMMONS: readonly Commons[] = [
  { suffix: 'BY', name: 'Attribution', versions: ['2.0', '2.5', '3.0', '4.0'] },
  { suffix: 'BY-SA', name: 'Attribution Share Alike', versions: ['2.0', '3.0', '4.0'] },
  { suffix: 'BY-ND', name: 'Attribution No Derivatives', versions: ['3.0', '4.0'] },
  { suffix: 'BY-NC', name: 'Attribution Non Commercial', versions: ['2.0', '3.0', '4.0'] },
  { suffix: 'BY-NC-SA', name: 'Attribution Non Commercial Share Alike', versions: ['2.0', '3.0', '4.0'] },
  { suffix: 'BY-NC-ND', name: 'Attribution Non Commercial No Derivatives', versions: ['3.0', '4.0'] },
]

const commonsLicences = COMMONS.flatMap(({ suffix, name, versions }) => {
  const parts = suffix.split('-')
  const conditions = [
    credit,
    ...(parts.includes('NC') ? [noCommerce] : []),
    ...(parts.includes('SA') ? [shareAlike] : []),
    ...(parts.includes('ND') ? [noDerivatives] : []),
  ]
  const licenceClass = parts.includes('NC') ? 'non-commercial' : suffix === 'BY' ? 'permissive' : 'conditional'
  const links = (version: string) => [`creativecommons.org/licenses/${suffix.toLowerCase()}/${version}`]
  return versions.map((version) =>
    knownLicence(
      `CC-${suffix}-${version}`,
      `Creative Commons ${name} ${version}`,
      licenceClass,
      `https://creativecommons.org/licenses/${suffix.toLowerCase()}/${version}/`,
      { conditions, links: links(version) },
    ),
  )
})

/** Whole families that cards name without a version. */
const families: KnownLicence[] = [
  knownLicence('bsd', 'BSD licence family', 'permissive', null, { conditions: [notice] }),
  knownLicence('gpl', 'GNU General Public License family', 'conditional', null, { conditions: [copyleft] }),
  knownLicence('lgpl', 'GNU Lesser General Public License family', 'conditional', null, { conditions: [weakCopyleft] }),
  knownLicence('gfdl', 'GNU Free Documentation License family', 'conditional', null, { conditions: [copyleft] }),
  knownLicence('cc', 'Creative Commons family', 'unknown', null),
]

export const spdxLicences: readonly KnownLicence[] = [
  ...permissiveLicences,
  ...commonsLicences,
  ...copyleftLicences,
  ...families,
]
