/**
 * The pickle machine without Python: its stack and memo hold only what is needed to know which globals a pickle
 * names (texts and globals), and torch's names for storages; every other value is one opaque token. Nothing is executed.
 */
import type { Effect } from './pickle-opcodes.ts'

export interface PickleGlobal {
  /** Undefined where the pickle computes the name, so that it cannot be known without running it. */
  module: string | undefined
  name: string | undefined
  offset: number
}

const OPAQUE = Symbol('opaque')
const MARK = Symbol('mark')
/** The tuple by which torch names a storage: ('storage', type, key, location, elements). */
class StorageId {
  readonly type: PickleGlobal
  readonly key: string
  constructor(type: PickleGlobal, key: string) {
    this.type = type
    this.key = key
  }
}
type Item = string | PickleGlobal | StorageId | typeof OPAQUE | typeof MARK

/** Python's own machine stops here too: nothing after it is ever run. */
export class BrokenPickle extends Error {}
/** Only this machine stops here: Python would go on. */
export class PickleTooLarge extends BrokenPickle {}

const MAX_ITEMS = 2_000_000
const MAX_GLOBALS = 10_000
const MAX_STORAGES = 100_000

/** Larger ones than numbers hold exactly are texts of their digits: Python's slow reader takes any. */
export type MemoIndex = number | string

export interface Argument {
  offset: number
  /** The decoded text of a text opcode; undefined when it is too long or escaped to serve as a global's name. */
  text?: string | undefined
  index?: MemoIndex | undefined
  module?: string | undefined
  name?: string | undefined
}

export class PickleMachine {
  readonly globals: PickleGlobal[] = []
  /** Offsets of BUILD applied to a global itself: attributes of a class or function are replaced. */
  readonly patchedGlobals: PickleGlobal[] = []
  readonly extensionOffsets: number[] = []
  /** A call of anything: REDUCE, INST, OBJ, NEWOBJ, BUILD. */
  calls = 0
  /** Key → type of the storages that torch is asked for. */
  readonly storages = new Map<string, PickleGlobal>()
  readonly #stack: Item[] = []
  readonly #memo = new Map<MemoIndex, Item>()

  apply(effect: Effect, argument: Argument): void {
    switch (effect) {
      case 'push-opaque':
      case 'push-bytes':
        this.#push(OPAQUE)
        break
      case 'push-text':
        this.#push(argument.text ?? OPAQUE)
        break
      case 'push-mark':
        this.#push(MARK)
        break
      case 'pop':
      case 'append-1':
        this.#drop(1)
        break
      case 'append-2':
        this.#drop(2)
        break
      case 'pop-to-mark':
      case 'append-to-mark':
        this.#dropToMark()
        break
      case 'collect-to-mark':
        this.#dropToMark()
        this.#push(OPAQUE)
        break
      case 'tuple':
        this.#tuple()
        break
      case 'persistent-id':
        this.#resolve(this.#pop())
        this.#push(OPAQUE)
        break
      case 'duplicate':
        this.#push(this.#top())
        break
      case 'replace-1':
        this.#replace(1)
        break
      case 'replace-2':
        this.#replace(2)
        break
      case 'replace-3':
        this.#replace(3)
        break
      case 'stop':
        this.#drop(1)
        break
      case 'none':
        break
      default:
        this.#applyNaming(effect, argument)
        break
    }
  }

  #applyNaming(effect: Effect, argument: Argument): void {
    switch (effect) {
      case 'memo-put':
        this.#remember(argument.index)
        break
      case 'memo-next':
        this.#remember(this.#memo.size)
        break
      case 'memo-get':
        this.#recall(argument.index)
        break
      case 'global':
        this.#push(this.#name(argument))
        break
      case 'stack-global':
        this.#nameFromStack(argument.offset)
        break
      case 'instantiate':
        this.#name(argument)
        this.#dropToMark()
        this.calls++
        this.#push(OPAQUE)
        break
      case 'object':
        this.#dropToMark()
        this.calls++
        this.#push(OPAQUE)
        break
      case 'reduce':
      case 'new-object':
        this.#replace(2)
        this.calls++
        break
      case 'new-object-keywords':
        this.#replace(3)
        this.calls++
        break
      case 'build':
        this.#build()
        break
      case 'extension':
        this.extensionOffsets.push(argument.offset)
        this.#push(OPAQUE)
        break
      default:
        throw new BrokenPickle(`an opcode with the unknown effect ${effect}`)
    }
  }

  #name({ module, name, offset }: Argument): PickleGlobal {
    const named = { module, name, offset }
    if (this.globals.length >= MAX_GLOBALS) throw new PickleTooLarge(`more than ${MAX_GLOBALS} globals`)
    this.globals.push(named)
    return named
  }

  #nameFromStack(offset: number): void {
    const name = this.#pop()
    const module = this.#pop()
    this.#push(
      this.#name({
        module: typeof module === 'string' ? module : undefined,
        name: typeof name === 'string' ? name : undefined,
        offset,
      }),
    )
  }

  #build(): void {
    this.#drop(1)
    const target = this.#top()
    this.calls++
    if (typeof target === 'object' && !(target instanceof StorageId)) this.patchedGlobals.push(target)
  }

  #tuple(): void {
    const size = this.#stack.length
    const mark = [size - 6, size - 7].find((at) => at >= 0 && this.#stack[at] === MARK)
    const [word, type, key] = mark === undefined ? [] : this.#stack.slice(mark + 1)
    this.#dropToMark()
    const isStorage = word === 'storage' && typeof type === 'object' && typeof key === 'string'
    this.#push(isStorage && !(type instanceof StorageId) ? new StorageId(type, key) : OPAQUE)
  }

  #resolve(id: Item): void {
    if (!(id instanceof StorageId) || this.storages.has(id.key)) return
    if (this.storages.size >= MAX_STORAGES) throw new PickleTooLarge(`more than ${MAX_STORAGES} storages`)
    this.storages.set(id.key, id.type)
  }

  #remember(index: MemoIndex | undefined): void {
    if (index === undefined) throw new BrokenPickle('a memo index that is no number')
    if (this.#memo.size >= MAX_ITEMS) throw new PickleTooLarge(`more than ${MAX_ITEMS} memo entries`)
    this.#memo.set(index, this.#top())
  }

  #recall(index: MemoIndex | undefined): void {
    const item = index === undefined ? undefined : this.#memo.get(index)
    if (item === undefined) throw new BrokenPickle(`a reference to memo entry ${index}, which does not exist`)
    this.#push(item)
  }

  #replace(count: number): void {
    this.#drop(count)
    this.#push(OPAQUE)
  }

  #push(item: Item): void {
    if (this.#stack.length >= MAX_ITEMS) throw new PickleTooLarge(`more than ${MAX_ITEMS} values on the stack`)
    this.#stack.push(item)
  }

  #pop(): Item {
    const item = this.#stack.pop()
    if (item === undefined) throw new BrokenPickle('a value is taken from an empty stack')
    return item
  }

  #top(): Item {
    const item = this.#stack.at(-1)
    if (item === undefined) throw new BrokenPickle('a value is taken from an empty stack')
    return item
  }

  #drop(count: number): void {
    for (let i = 0; i < count; i++) this.#pop()
  }

  #dropToMark(): void {
    while (this.#pop() !== MARK);
  }
}
