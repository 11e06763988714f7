/**
 * The pickle machine without Python: its stack and memo hold only what is needed to know which globals a pickle
 * names (texts and globals); every other value is one opaque token. Nothing is executed.
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
type Item = string | PickleGlobal | typeof OPAQUE | typeof MARK

/** What the machine refuses to follow: the pickle is broken, or built to exhaust its reader. */
export class BrokenPickle extends Error {}

const MAX_ITEMS = 2_000_000
/** The memo is sparse here: an index costs nothing. Python makes room for all before it. */
const MAX_MEMO_INDEX = 2 ** 40
const MAX_GLOBALS = 10_000

export interface Argument {
  offset: number
  /** The decoded text of a text opcode; undefined when it is too long or escaped to serve as a global's name. */
  text?: string | undefined
  /** A memo index. */
  index?: number | undefined
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
  readonly #stack: Item[] = []
  readonly #memo = new Map<number, Item>()

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
        this.#remember(argument.index ?? -1)
        break
      case 'memo-next':
        this.#remember(this.#memo.size)
        break
      case 'memo-get':
        this.#recall(argument.index ?? -1)
        break
      case 'global':
        this.#push(this.#name(argument))
        break
      case 'stack-global':
        this.#nameFromStack(argument.offset)
        break
      case 'instantiate':
        this.#name(argument)
        this.calls++
        this.#dropToMark()
        this.#push(OPAQUE)
        break
      case 'object':
        this.calls++
        this.#dropToMark()
        this.#push(OPAQUE)
        break
      case 'reduce':
      case 'new-object':
        this.calls++
        this.#replace(2)
        break
      case 'new-object-keywords':
        this.calls++
        this.#replace(3)
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
    if (this.globals.length >= MAX_GLOBALS) throw new BrokenPickle(`more than ${MAX_GLOBALS} globals`)
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
    this.calls++
    this.#drop(1)
    const target = this.#top()
    if (typeof target === 'object') this.patchedGlobals.push(target)
  }

  #remember(index: number): void {
    if (index < 0 || index > MAX_MEMO_INDEX) throw new BrokenPickle(`a memo index of ${index}`)
    if (this.#memo.size >= MAX_ITEMS) throw new BrokenPickle(`more than ${MAX_ITEMS} memo entries`)
    this.#memo.set(index, this.#top())
  }

  #recall(index: number): void {
    const item = this.#memo.get(index)
    if (item === undefined) throw new BrokenPickle(`a reference to memo entry ${index}, which does not exist`)
    this.#push(item)
  }

  #replace(count: number): void {
    this.#drop(count)
    this.#push(OPAQUE)
  }

  #push(item: Item): void {
    if (this.#stack.length >= MAX_ITEMS) throw new BrokenPickle(`more than ${MAX_ITEMS} values on the stack`)
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
