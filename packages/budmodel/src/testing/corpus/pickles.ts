/** Pickles that run something when they are loaded, in the ways by which scanners have been passed. */
import { pickleOp as p, pickleOf } from '../pickle-writer.ts'
import type { CorpusCase } from './corpus-case.ts'
import { GADGETS } from './pickle-gadgets.ts'
import { call, payload, shape, sound } from './pickle-shape.ts'

const COMMAND = 'touch /tmp/pickle-was-loaded'
const GLOBAL = ['pickle-global']

/** The same call, written in the different ways that pickles have for it. */
const writers = [
  (module: string, name: string, argument: string) =>
    pickleOf(p.proto(2), p.global(module, name), p.text(argument), p.tuple1(), p.reduce(), p.stop()),
  (module: string, name: string, argument: string) =>
    pickleOf(
      p.proto(4),
      p.frame(40),
      p.shortText(module),
      p.memoize(),
      p.shortText(name),
      p.memoize(),
      p.stackGlobal(),
      p.memoize(),
      p.shortText(argument),
      p.tuple1(),
      p.reduce(),
      p.stop(),
    ),
  (module: string, name: string, argument: string) =>
    pickleOf(p.mark(), p.stringLine(`'${argument}'`), p.inst(module, name), p.stop()),
  (module: string, name: string, argument: string) =>
    pickleOf(p.proto(2), p.mark(), p.global(module, name), p.text(argument), p.object(), p.stop()),
  (module: string, name: string, argument: string) =>
    pickleOf(
      p.proto(4),
      p.global(module, name),
      p.text(argument),
      p.tuple1(),
      p.emptyDict(),
      p.newObjectKeywords(),
      p.stop(),
    ),
]
const PATHS = [
  'pytorch_model.bin',
  'weights.pkl',
  'model.pt',
  'optimizer.pth',
  'scaler.joblib',
  'cache.dat',
  'vocab.txt',
]

const gadgets = GADGETS.map(([module, name, argument, why, published], i): CorpusCase => {
  const write = writers[i % writers.length]
  const path = PATHS[i % PATHS.length]
  if (!write || !path) throw new Error('the lists of writers and paths are not empty')
  const file = { [path]: write(module, name, argument) }
  const words = `${module} ${name}`.toLowerCase().replace(/^_/, 'c-').replace(' ', '-of-')
  const caseName = `pickle-${words}`.replace(/[^a-z0-9]+/g, '-').replace(/-$/, '')
  return { name: caseName, kind: 'malicious', files: file, expects: GLOBAL, why, ...(published ? { published } : {}) }
})

const shapes: CorpusCase[] = [
  shape(
    'memo-shuffle',
    'a.pkl',
    pickleOf(
      p.proto(4),
      p.shortText('system'),
      p.binPut(200),
      p.pop(),
      p.shortText('os'),
      p.longBinPut(70_000),
      p.pop(),
      p.longBinGet(70_000),
      p.binGet(200),
      p.stackGlobal(),
      p.shortText('id'),
      p.tuple1(),
      p.reduce(),
      p.stop(),
    ),
    'Module and name come out of the memo, far from where they were written.',
  ),
  shape(
    'memo-overwritten',
    'a.pkl',
    pickleOf(
      p.proto(4),
      p.shortText('collections'),
      p.binPut(0),
      p.pop(),
      p.shortText('os'),
      p.binPut(0),
      p.pop(),
      p.binGet(0),
      p.shortText('system'),
      p.stackGlobal(),
      p.stop(),
    ),
    'A memo entry is replaced before it is used.',
  ),
  shape(
    'memo-put-lines',
    'a.pkl',
    pickleOf(
      p.textLine('os'),
      p.putLine('1_0'),
      p.textLine('system'),
      p.putLine(' +11'),
      p.pop(),
      p.pop(),
      p.getLine('10'),
      p.getLine('1_1'),
      p.stackGlobal(),
      p.textLine('id'),
      p.tuple1(),
      p.reduce(),
      p.stop(),
    ),
    'Memo numbers written in the odd ways that Python reads.',
  ),
  shape(
    'memo-far-index',
    'a.pkl',
    pickleOf(
      p.proto(4),
      p.shortText('os'),
      p.longBinPut(60_000_000),
      p.shortText('system'),
      p.stackGlobal(),
      p.shortText('id'),
      p.tuple1(),
      p.reduce(),
      p.stop(),
    ),
    'A memo index that a careful reader refuses, before the call.',
  ),
  shape(
    'duplicate',
    'a.pkl',
    pickleOf(p.proto(4), p.shortText('os'), p.duplicate(), p.pop(), p.shortText('system'), p.stackGlobal(), p.stop()),
    'DUP and POP between the parts of a name.',
  ),
  shape(
    'pop-mark',
    'a.pkl',
    pickleOf(
      p.proto(4),
      p.shortText('os'),
      p.mark(),
      p.none(),
      Buffer.of(0x31),
      p.shortText('system'),
      p.stackGlobal(),
      p.stop(),
    ),
    'POP_MARK clears what lies between the parts of a name.',
  ),
  shape(
    'pop-of-mark',
    'a.pkl',
    pickleOf(
      p.proto(4),
      p.shortText('os'),
      p.mark(),
      p.pop(),
      p.shortText('system'),
      p.stackGlobal(),
      p.shortText('id'),
      p.tuple1(),
      p.reduce(),
      p.stop(),
    ),
    'POP takes a mark away, as Python allows.',
  ),
  shape(
    'text-as-bytes',
    'a.pkl',
    pickleOf(
      p.proto(1),
      Buffer.of(0x55, 2),
      Buffer.from('os'),
      Buffer.of(0x55, 6),
      Buffer.from('system'),
      p.stackGlobal(),
      p.stop(),
    ),
    'Names as byte strings of old protocols.',
  ),
  shape(
    'escaped-unicode',
    'a.pkl',
    pickleOf(
      p.textLine('\\u006fs'),
      p.textLine('syst\\u0065m'),
      p.stackGlobal(),
      p.textLine('id'),
      p.tuple1(),
      p.reduce(),
      p.stop(),
    ),
    'Names with escapes, which Python resolves.',
  ),
  shape(
    'escaped-string',
    'a.pkl',
    pickleOf(p.stringLine('"o\\x73"'), p.stringLine("'syst\\145m'"), p.stackGlobal(), p.stop()),
    'Names as string literals with escapes.',
  ),
  shape(
    'computed-name',
    'a.pkl',
    pickleOf(
      p.proto(4),
      p.global('builtins', 'str'),
      p.bytes(Buffer.from('os')),
      p.tuple1(),
      p.reduce(),
      p.shortText('system'),
      p.stackGlobal(),
      p.stop(),
    ),
    'The module’s name is computed.',
  ),
  shape(
    'computed-by-allowed',
    'a.pkl',
    pickleOf(
      p.proto(4),
      p.global('_codecs', 'encode'),
      p.text('os'),
      p.text('latin1'),
      p.tuple2(),
      p.reduce(),
      p.shortText('system'),
      p.stackGlobal(),
      p.stop(),
    ),
    'The name is computed by functions that weights may name.',
  ),
  shape('protocol-0-lines', 'notes.txt', Buffer.from(`cos\nsystem\n(S'${COMMAND}'\ntR.`), 'Text only, named as notes.'),
  shape(
    'protocol-0-odd-start',
    'vocab.txt',
    Buffer.from(`(lp0\n0cposix\nsystem\np1\n(V${COMMAND}\np2\ntp3\nRp4\n.`),
    'Begins with a list, as old pickles do.',
  ),
  shape(
    'setstate',
    'a.pt',
    pickleOf(
      p.proto(2),
      p.global('torch.nn.modules.linear', 'Evil'),
      p.emptyTuple(),
      p.newObject(),
      p.emptyDict(),
      p.global('os', 'system'),
      p.setItem(),
      p.build(),
      p.stop(),
    ),
    'BUILD hands a state to __setstate__.',
  ),
  shape(
    'patched-class',
    'a.pt',
    pickleOf(
      p.proto(2),
      p.global('torch', 'Tensor'),
      p.mark(),
      p.text('__reduce__'),
      p.global('builtins', 'bytearray'),
      p.dict(),
      p.build(),
      p.stop(),
    ),
    'BUILD replaces attributes of a class that weights may name.',
    ['pickle-patches-global'],
  ),
  shape(
    'patched-class-by-memo',
    'a.pt',
    pickleOf(
      p.proto(2),
      p.global('collections', 'OrderedDict'),
      p.binPut(1),
      p.pop(),
      p.none(),
      p.binGet(1),
      p.none(),
      p.emptyDict(),
      p.tuple2(),
      p.build(),
      p.stop(),
    ),
    'The same with slots, and the class out of the memo.',
    ['pickle-patches-global'],
  ),
  shape(
    'extension-1',
    'a.pkl',
    pickleOf(p.proto(2), p.extension(240), p.emptyTuple(), p.reduce(), p.stop()),
    'A global by a registered number.',
    ['pickle-extension'],
  ),
  shape(
    'extension-2',
    'a.pkl',
    pickleOf(p.proto(2), p.extension2(50_000), p.emptyTuple(), p.reduce(), p.stop()),
    'The same with two bytes.',
    ['pickle-extension'],
  ),
  shape(
    'extension-4',
    'a.pkl',
    pickleOf(p.proto(2), p.extension4(100_000), p.emptyTuple(), p.reduce(), p.stop()),
    'The same with four bytes.',
    ['pickle-extension'],
  ),
  shape('second-pickle', 'optimizer.bin', Buffer.concat([sound, payload]), 'A sound pickle first.'),
  shape(
    'tenth-pickle',
    'a.pkl',
    Buffer.concat([...Array.from({ length: 9 }, () => sound), payload]),
    'Nine sound pickles first.',
  ),
  shape(
    'second-after-old-protocol',
    'a.pkl',
    Buffer.concat([sound, Buffer.from("I1\n0(cos\nsystem\nS'id'\no.")]),
    'The second pickle begins unlike a pickle.',
  ),
  shape(
    'broken-after-payload',
    'pytorch_model.bin',
    pickleOf(p.proto(2), ...call, Buffer.from([0xff, 0xfe, 0xfd])),
    'The call is made before a loader meets the broken rest.',
    GLOBAL,
    'nullifAI, February 2025',
  ),
  shape(
    'cut-after-payload',
    'pytorch_model.bin',
    pickleOf(p.proto(4), ...call, p.bytes(Buffer.alloc(100))).subarray(0, -40),
    'Cut inside of a later value: a strict parser gives up, the call is made.',
    GLOBAL,
    'nullifAI, February 2025',
  ),
  shape('no-stop', 'pytorch_model.bin', pickleOf(p.proto(2), ...call), 'No STOP at the end.'),
  shape(
    'stack-underflow-after',
    'a.pkl',
    pickleOf(p.proto(2), ...call, p.pop(), p.pop(), p.pop(), p.stop()),
    'Takes more off the stack than there is, after the call.',
  ),
  shape(
    'unknown-protocol',
    'a.pkl',
    pickleOf(p.proto(9), ...call, p.stop()),
    'A protocol that does not exist: some loaders do not mind.',
  ),
  shape(
    'lying-frame',
    'a.pkl',
    pickleOf(p.proto(4), p.frame(3), ...call, p.stop()),
    'A frame shorter than what it holds.',
  ),
  shape(
    'huge-frame',
    'a.pkl',
    pickleOf(p.proto(4), p.frame(0x7fffffff), ...call, p.stop()),
    'A frame longer than the file.',
  ),
]

export const pickleCases: readonly CorpusCase[] = [...gadgets, ...shapes]
