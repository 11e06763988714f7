/** Chat templates: ways out of Jinja's sandbox, bombs, and templates of the shapes that well-known models have. */
import { cleanTemplates } from './clean-templates.ts'
import type { CorpusCase } from './corpus-case.ts'

interface Bad {
  name: string
  template: string
  why: string
  rule?: string
  published?: string
}

const SSTI = 'CVE-2024-34359'
const around = (expression: string): string =>
  `{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}${expression}`

const bad: Bad[] = [
  {
    name: 'class-walk',
    template: `{% for x in ().__class__.__base__.__subclasses__() %}{% if "warning" in x.__name__ %}{{ x()._module.__builtins__['__import__']('os').popen('id').read() }}{% endif %}{% endfor %}`,
    why: 'Walks from a tuple to every class of the process and imports os.',
    published: SSTI,
  },
  {
    name: 'subscript',
    template: `{{ ''['__class__']['__mro__'][1] }}`,
    why: 'The same by subscripts instead of attributes.',
  },
  { name: 'attr-filter', template: `{{ ()|attr('__class__')|attr('__base__') }}`, why: 'The same by the attr filter.' },
  {
    name: 'hex-escape',
    template: String.raw`{{ ''['\x5f\x5fclass\x5f\x5f'] }}`,
    why: 'Underscores written as escapes.',
  },
  {
    name: 'unicode-escape',
    template: String.raw`{{ ''|attr('\u005f\u005fclass\u005f\u005f') }}`,
    why: 'Underscores written as Unicode escapes.',
  },
  {
    name: 'octal-escape',
    template: String.raw`{{ ''['\137\137class\137\137'] }}`,
    why: 'Underscores written as octal escapes.',
  },
  {
    name: 'named-escape',
    template: String.raw`{{ ''['\N{LOW LINE}\N{LOW LINE}class__'] }}`,
    why: 'Underscores written by their Unicode name.',
  },
  {
    name: 'adjacent-texts',
    template: `{{ ''['__cla' 'ss__'] }}`,
    why: 'The name is cut into two literals that stand side by side.',
  },
  {
    name: 'concatenated',
    template: `{% set a = '_' ~ '_cla' %}{{ ''[a ~ 'ss_' + '_'] }}`,
    why: 'The name is put together from variables.',
  },
  { name: 'joined', template: `{{ ''[['__','class','__']|join] }}`, why: 'The name is joined from a list.' },
  {
    name: 'joined-method',
    template: `{{ ''['_'.join(['', '', 'class', '', ''])] }}`,
    why: 'The separator brings the underscores.',
  },
  {
    name: 'format-filter',
    template: `{{ ''['%s%sclass%s%s'|format('_','_','_','_')] }}`,
    why: 'The name is formatted.',
  },
  {
    name: 'percent-operator',
    template: `{{ ''['%cclass%c' % (95, 95)] }}`,
    why: 'Underscores come from character codes.',
  },
  { name: 'reversed', template: `{{ ''['__ssalc__'|reverse] }}`, why: 'The name is written backwards.' },
  { name: 'slice-step', template: `{{ ''['_X_XcXlXaXsXsX_X_'[::2]] }}`, why: 'Every second character is the name.' },
  { name: 'replaced', template: `{{ ''['XXclassXX'.replace('X', '_')] }}`, why: 'Underscores come by replacing.' },
  { name: 'lowered', template: `{{ ''['__CLASS__'|lower] }}`, why: 'The name is written in capitals.' },
  {
    name: 'generator-characters',
    template: `{% set u = (()|select|string|list)[24] %}{{ ''[u ~ u ~ 'class' ~ u ~ u] }}`,
    why: 'The underscore is cut out of how a generator is shown.',
  },
  {
    name: 'html-entities',
    template: `{{ ''['&#95;&#95;class&#95;&#95;'|striptags] }}`,
    why: 'A filter resolves entities to underscores.',
  },
  {
    name: 'token-as-name',
    template: `{{ messages[bos_token] }}`,
    why: 'The name is a special token, which the model’s own files define.',
  },
  {
    name: 'by-loop',
    template: `{% for name in ['__class__', '__base__'] %}{{ ()[name] }}{% endfor %}`,
    why: 'Names come out of a list.',
  },
  {
    name: 'by-dict',
    template: `{% set names = {'a': '__class__'} %}{{ ()[names['a']] }}`,
    why: 'Names come out of a dict.',
  },
  {
    name: 'by-namespace',
    template: `{% set ns = namespace(n='') %}{% for c in ['__', 'class', '__'] %}{% set ns.n = ns.n ~ c %}{% endfor %}{{ ()[ns.n] }}`,
    why: 'A loop puts the name together in a namespace.',
  },
  {
    name: 'by-macro',
    template: `{% macro get(o, n) %}{{ o[n] }}{% endmacro %}{{ get((), '__class__') }}`,
    why: 'The name is an argument of a macro.',
  },
  {
    name: 'by-caller',
    template: `{% macro m() %}{{ caller('__class__') }}{% endmacro %}{% call(n) m() %}{{ ()[n] }}{% endcall %}`,
    why: 'The name is handed to a call block.',
  },
  {
    name: 'by-block-set',
    template: `{% set n %}__class__{% endset %}{{ ()[n] }}`,
    why: 'The name is the text of a block.',
  },
  {
    name: 'by-append',
    template: `{% set l = [] %}{{ l.append('__class__') or '' }}{{ ()[l[0]] }}`,
    why: 'The name goes through a list.',
  },
  { name: 'map-attribute', template: `{{ [()]|map(attribute='__class__')|list }}`, why: 'map looks the attribute up.' },
  { name: 'map-attr', template: `{{ [()]|map('attr', '__class__')|list }}`, why: 'map applies attr.' },
  {
    name: 'map-dotted',
    template: `{{ messages|map(attribute='content.__class__')|list }}`,
    why: 'A dotted attribute.',
  },
  {
    name: 'selectattr',
    template: `{{ [()]|selectattr('__class__')|list }}`,
    why: 'selectattr looks the attribute up.',
  },
  { name: 'groupby', template: `{{ [()]|groupby('__class__') }}`, why: 'groupby looks the attribute up.' },
  { name: 'sort-attribute', template: `{{ [()]|sort(attribute='__class__') }}`, why: 'sort looks the attribute up.' },
  { name: 'attr-computed', template: `{{ ()|attr(messages[0]['content']) }}`, why: 'A request chooses the attribute.' },
  {
    name: 'format-string',
    template: `{{ '{0.__class__.__init__.__globals__}'.format(messages) }}`,
    why: 'str.format looks attributes up outside the sandbox.',
    published: 'CVE-2016-10745',
  },
  {
    name: 'format-map',
    template: `{{ '{a.__class__}'.format_map({'a': 1}) }}`,
    why: 'So does str.format_map.',
    published: 'CVE-2019-10906',
  },
  {
    name: 'format-indirect',
    template: `{% set f = '{0.__class__}'.format %}{{ f(messages) }}`,
    why: 'A reference to format escapes the sandbox’s check.',
    published: 'CVE-2024-56326',
    rule: 'template-escape',
  },
  {
    name: 'attr-format',
    template: `{{ ('{0._'~'_class__}')|attr('format')(messages) }}`,
    why: 'The attr filter hands out format.',
    published: 'CVE-2025-27516',
  },
  {
    name: 'cycler-globals',
    template: `{{ cycler.__init__.__globals__.os.popen('id').read() }}`,
    why: 'Jinja’s own cycler leads to os.',
  },
  {
    name: 'lipsum-globals',
    template: `{{ lipsum.__globals__['os'].popen('id').read() }}`,
    why: 'Jinja’s own lipsum leads to os.',
  },
  {
    name: 'self-init',
    template: `{{ self.__init__.__globals__.__builtins__ }}`,
    why: 'The template’s own object leads to builtins.',
  },
  {
    name: 'generator-frame',
    template: `{{ (messages|map('upper')).gi_frame.f_globals }}`,
    why: 'A generator’s frame leads to globals without an underscore.',
  },
  {
    name: 'function-globals',
    template: `{{ raise_exception.func_globals }}`,
    why: 'Python 2’s way to a function’s globals.',
  },
  {
    name: 'full-width',
    template: `{{ ()['＿＿class＿＿'] }}`,
    why: 'Full-width underscores, which Python folds in identifiers.',
  },
  {
    name: 'in-filter-block',
    template: `{% filter attr('__class__') %}x{% endfilter %}`,
    why: 'A filter block applies attr.',
  },
  {
    name: 'in-condition',
    template: `{% if ().__class__ %}x{% endif %}`,
    why: 'Nothing is written: the condition alone runs.',
  },
  {
    name: 'in-raw-trick',
    template: `{% raw %}{{ safe }}{% endraw %}{{ ().__class__ }}`,
    why: 'Looks like a raw block, which ends before.',
  },
  {
    name: 'in-comment-trick',
    template: `{# {{ #}{{ ().__class__ }}{# }} #}`,
    why: 'Comments around it mislead a search for tags.',
  },
  {
    name: 'in-string-trick',
    template: `{{ "%}" ~ ().__class__ ~ "{%" }}`,
    why: 'Tag ends inside of texts mislead a search for tags.',
  },
  {
    name: 'broken-tail',
    template: `{{ ().__class__ }}{% if %}`,
    why: 'Jinja refuses it, a more lenient reader runs the first part.',
  },
  {
    name: 'include',
    template: `{% include '/etc/passwd' %}`,
    why: 'Reads another file.',
    rule: 'template-file-access',
  },
  {
    name: 'import',
    template: `{% import 'os' as os %}{{ os }}`,
    why: 'Imports another template.',
    rule: 'template-file-access',
  },
  {
    name: 'extends',
    template: `{% extends '../../secret' %}`,
    why: 'Takes another file as its base.',
    rule: 'template-file-access',
  },
  {
    name: 'range-bomb',
    template: `{% for i in range(1000000000) %}x{% endfor %}`,
    why: 'Loops a thousand million times.',
    rule: 'template-bomb',
  },
  {
    name: 'nested-loops',
    template: `{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}`,
    why: 'Each loop is allowed, both together never end.',
    rule: 'template-bomb',
  },
  {
    name: 'multiplied-text',
    template: `{{ 'x' * 10000000000 }}`,
    why: 'Writes ten thousand million characters.',
    rule: 'template-bomb',
  },
  {
    name: 'power',
    template: `{{ 9 ** 9 ** 9 }}`,
    why: 'A number that no machine can write down.',
    rule: 'template-bomb',
  },
  {
    name: 'doubling',
    template: `{% set ns = namespace(s='x') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}`,
    why: 'Sixty doublings.',
    rule: 'template-bomb',
  },
  {
    name: 'macro-laughs',
    template: laughs(12),
    why: 'Each macro calls the one before ten times.',
    rule: 'template-bomb',
  },
  {
    name: 'padding',
    template: `{{ 'x'|center(9999999999) }}`,
    why: 'Pads to ten thousand million characters.',
    rule: 'template-bomb',
  },
  {
    name: 'format-width',
    template: `{{ '%9999999999d' % 1 }}`,
    why: 'The same by a format’s width.',
    rule: 'template-bomb',
  },
]

function laughs(levels: number): string {
  const macros = Array.from(
    { length: levels },
    (_, i) => `{% macro m${i + 1}() %}${`{{ m${i}() }}`.repeat(10)}{% endmacro %}`,
  )
  return `{% macro m0() %}lol{% endmacro %}${macros.join('')}{{ m${levels}() }}`
}

const RULES = ['template-escape', 'template-computed-name']

const malicious = bad.map(({ name, template, why, rule, published }, i): CorpusCase => {
  const text = around(template)
  // Both ways in which models carry templates.
  const files: Record<string, Uint8Array> =
    i % 3 === 0
      ? {
          'tokenizer_config.json': Buffer.from(
            JSON.stringify({ tokenizer_class: 'LlamaTokenizer', chat_template: text }),
          ),
        }
      : { 'chat_template.jinja': Buffer.from(text) }
  return {
    name: `template-${name}`,
    kind: 'malicious',
    files,
    expects: rule ? [rule] : RULES,
    why,
    ...(published ? { published } : {}),
  }
})

const named: CorpusCase = {
  name: 'template-second-of-list',
  kind: 'malicious',
  files: {
    'tokenizer_config.json': Buffer.from(
      JSON.stringify({
        chat_template: [
          { name: 'default', template: '{{ messages[0].content }}' },
          { name: 'tool_use', template: '{{ ().__class__ }}' },
        ],
      }),
    ),
  },
  expects: RULES,
  why: 'The default template is sound, the one for tools is not.',
}
const inJson: CorpusCase = {
  name: 'template-in-chat-template-json',
  kind: 'malicious',
  files: { 'chat_template.json': Buffer.from(JSON.stringify({ chat_template: '{{ ()["__cl" ~ "ass__"] }}' })) },
  expects: RULES,
  why: 'Processors keep their template in a file of its own.',
}

const clean = Object.entries(cleanTemplates).flatMap(([name, template]): CorpusCase[] => [
  {
    name: `clean-template-${name}`,
    kind: 'clean',
    files: {
      'chat_template.jinja': Buffer.from(template),
      'tokenizer_config.json': Buffer.from(JSON.stringify({ chat_template: template })),
    },
    expects: [],
    why: `A template with the features that templates of ${name} have.`,
  },
])

export const templateCases: readonly CorpusCase[] = [...malicious, named, inJson, ...clean]
