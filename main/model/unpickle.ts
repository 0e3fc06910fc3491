/**
 * A restricted reader of Python pickles: what torch.save emits for a state dict of tensors, and nothing else. No name in the file is
 * looked up or run: the few globals below become inert values, and every other one is refused by its name.
 * Opcodes: CPython, Lib/pickletools.py. Tensor form: PyTorch, torch/_utils.py `_rebuild_tensor_v2`, torch/serialization.py `persistent_id`.
 */
import { Problem } from '../contract/problem.ts';
import type { ProblemPlace } from '../contract/problem.ts';
import { describePickleValue, isKind } from './pickle-value.ts';
import type { Global, PickledStorage, PickledTensor, PickleValue } from './pickle-value.ts';
import { quote } from './strict-json.ts';
import type { TensorDtype } from './tensor-entry.ts';

const storageDtypes: Readonly<Record<string, TensorDtype>> = {
  'torch.FloatStorage': 'F32', 'torch.HalfStorage': 'F16', 'torch.BFloat16Storage': 'BF16', 'torch.DoubleStorage': 'F64',
  'torch.LongStorage': 'I64', 'torch.IntStorage': 'I32', 'torch.ShortStorage': 'I16', 'torch.CharStorage': 'I8',
  'torch.ByteStorage': 'U8', 'torch.BoolStorage': 'BOOL',
};
const callables = new Set(['collections.OrderedDict', 'torch._utils._rebuild_tensor_v2', 'torch._utils._rebuild_parameter']);

/** A state dict of the largest T5 takes about 60,000 steps and 6,000 containers. */
const stepLimit = 2_000_000;
const containerLimit = 200_000;

/**
 * Reads a state dict: text keys, each with a tensor.
 * @param bytes data.pkl.   @param place the archive, for messages; byte offsets are those inside data.pkl.
 * @throws {Problem} `pickle-global-refused`, `pickle-opcode-refused`, `pickle-damaged`, `pickle-too-large`, `pickle-not-state-dict`.
 */
export function unpickleStateDict(bytes: Uint8Array, place: ProblemPlace): Map<string, PickledTensor> {
  const value = new Unpickler(bytes, place).run();
  const found = describePickleValue(value);
  if (!isKind(value, 'dict')) throw notStateDict(place, found);
  const tensors = new Map<string, PickledTensor>();
  for (const [key, tensor] of value.entries) {
    if (typeof key !== 'string' || !isKind(tensor, 'tensor')) {
      throw notStateDict(place, `${describePickleValue(tensor)} under the key ${quote(String(key))}`);
    }
    tensors.set(key, tensor);
  }
  return tensors;
}

function notStateDict(place: ProblemPlace, found: string): Problem {
  return new Problem({
    code: 'pickle-not-state-dict',
    found,
    expected: 'a state dict: names with tensors, nothing else',
    action: 'Save the weights alone: torch.save(model.state_dict(), "pytorch_model.bin"), or better as model.safetensors.',
    place,
  });
}

class Unpickler {
  readonly #bytes: Buffer;
  readonly #place: ProblemPlace;
  readonly #memo = new Map<number, PickleValue>();
  #stack: PickleValue[] = [];
  readonly #marks: PickleValue[][] = [];
  #at = 0;
  /** Where the opcode that is being carried out begins. */
  #opcodeStart = 0;
  #containers = 0;

  constructor(bytes: Uint8Array, place: ProblemPlace) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#place = place;
  }

  run(): PickleValue {
    for (let step = 0; step < stepLimit; step += 1) {
      this.#opcodeStart = this.#at;
      const opcode = this.#take(1)[0] ?? 0;
      if (opcode === 0x2e) return this.#pop(); // STOP
      if (!this.#value(opcode) && !this.#structure(opcode)) {
        throw this.#refuse('pickle-opcode-refused', `the pickle opcode 0x${opcode.toString(16).padStart(2, '0')} (${opcodeText(opcode)})`, 'only what torch.save writes for a state dict of tensors');
      }
    }
    throw this.#tooLarge(`more than ${stepLimit} steps`);
  }

  /** Opcodes that push one plain value. @returns whether the opcode is one. */
  #value(opcode: number): boolean {
    switch (opcode) {
      case 0x4e: return this.#push(null); // NONE
      case 0x88: return this.#push(true); // NEWTRUE
      case 0x89: return this.#push(false); // NEWFALSE
      case 0x4a: return this.#push(this.#take(4).readInt32LE()); // BININT
      case 0x4b: return this.#push(this.#take(1).readUInt8()); // BININT1
      case 0x4d: return this.#push(this.#take(2).readUInt16LE()); // BININT2
      case 0x8a: return this.#push(this.#longInteger()); // LONG1
      case 0x47: return this.#push(this.#take(8).readDoubleBE()); // BINFLOAT
      case 0x58: return this.#push(this.#text(this.#take(4).readUInt32LE())); // BINUNICODE
      case 0x8c: return this.#push(this.#text(this.#take(1).readUInt8())); // SHORT_BINUNICODE
      case 0x63: return this.#push(this.#global(this.#line(), this.#line())); // GLOBAL
      case 0x93: return this.#stackGlobal(); // STACK_GLOBAL
      case 0x68: return this.#push(this.#recall(this.#take(1).readUInt8())); // BINGET
      case 0x6a: return this.#push(this.#recall(this.#take(4).readUInt32LE())); // LONG_BINGET
      default: return false;
    }
  }

  /** Opcodes that build from what lies on the stack. @returns whether the opcode is one. */
  #structure(opcode: number): boolean {
    switch (opcode) {
      case 0x80: return this.#protocol(); // PROTO
      case 0x95: this.#take(8); return true; // FRAME: a hint for streaming readers
      case 0x28: this.#marks.push(this.#stack); this.#stack = []; return this.#count(); // MARK
      case 0x29: return this.#pushSequence('tuple', []); // EMPTY_TUPLE
      case 0x85: return this.#pushSequence('tuple', this.#popMany(1)); // TUPLE1
      case 0x86: return this.#pushSequence('tuple', this.#popMany(2)); // TUPLE2
      case 0x87: return this.#pushSequence('tuple', this.#popMany(3)); // TUPLE3
      case 0x74: return this.#pushSequence('tuple', this.#popMark()); // TUPLE
      case 0x5d: return this.#pushSequence('list', []); // EMPTY_LIST
      case 0x61: return this.#append(this.#popMany(1)); // APPEND
      case 0x65: return this.#append(this.#popMark()); // APPENDS
      case 0x7d: return this.#pushDictionary(); // EMPTY_DICT
      case 0x73: return this.#setItems(this.#popMany(2)); // SETITEM
      case 0x75: return this.#setItems(this.#popMark()); // SETITEMS
      case 0x71: return this.#memoize(this.#take(1).readUInt8()); // BINPUT
      case 0x72: return this.#memoize(this.#take(4).readUInt32LE()); // LONG_BINPUT
      case 0x94: return this.#memoize(this.#memo.size); // MEMOIZE
      case 0x51: return this.#push(this.#storage(this.#pop())); // BINPERSID
      case 0x52: return this.#reduce(); // REDUCE
      case 0x62: return this.#build(); // BUILD
      default: return false;
    }
  }

  #protocol(): boolean {
    const protocol = this.#take(1).readUInt8();
    if (protocol < 2 || protocol > 5) throw this.#damaged(`pickle protocol ${protocol}`, '2 to 5');
    return true;
  }

  #push(value: PickleValue): boolean {
    this.#stack.push(value);
    return true;
  }

  #pushSequence(kind: 'tuple' | 'list', items: PickleValue[]): boolean {
    this.#count();
    return this.#push({ kind, items });
  }

  #pushDictionary(): boolean {
    this.#count();
    return this.#push({ kind: 'dict', entries: new Map() });
  }

  #count(): boolean {
    this.#containers += 1;
    if (this.#containers > containerLimit) throw this.#tooLarge(`more than ${containerLimit} containers`);
    return true;
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined) throw this.#damaged('an empty stack', 'a value on it');
    return value;
  }

  #popMany(count: number): PickleValue[] {
    if (this.#stack.length < count) throw this.#damaged(`${this.#stack.length} values on the stack`, `${count}`);
    return this.#stack.splice(this.#stack.length - count);
  }

  #popMark(): PickleValue[] {
    const items = this.#stack;
    const below = this.#marks.pop();
    if (below === undefined) throw this.#damaged('no mark on the stack', 'one');
    this.#stack = below;
    return items;
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined) throw this.#damaged('an empty stack', 'a value on it');
    return value;
  }

  #append(items: PickleValue[]): boolean {
    const list = this.#top();
    if (!isKind(list, 'list')) throw this.#damaged(describePickleValue(list), 'a list to append to');
    for (const item of items) list.items.push(item);
    return true;
  }

  #setItems(items: PickleValue[]): boolean {
    const dictionary = this.#top();
    if (!isKind(dictionary, 'dict')) throw this.#damaged(describePickleValue(dictionary), 'a dict to fill');
    if (items.length % 2 !== 0) throw this.#damaged('a key without a value', 'pairs');
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (typeof key !== 'string' && typeof key !== 'number') throw this.#damaged(`${describePickleValue(key ?? null)} as a key`, 'a text');
      dictionary.entries.set(key, items[i + 1] ?? null);
    }
    return true;
  }

  #memoize(index: number): boolean {
    this.#memo.set(index, this.#top());
    return true;
  }

  #recall(index: number): PickleValue {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#damaged(`memo ${index} before it is set`, 'one that is set');
    return value;
  }

  #stackGlobal(): boolean {
    const [module, name] = this.#popMany(2);
    if (typeof module !== 'string' || typeof name !== 'string') throw this.#damaged('a global without a name', 'two texts');
    return this.#push(this.#global(module, name));
  }

  #global(module: string, name: string): Global {
    const full = `${module}.${name}`;
    if (callables.has(full) || Object.hasOwn(storageDtypes, full)) return { kind: 'global', name: full };
    throw this.#refuse('pickle-global-refused', `the Python name ${quote(full)}, which loading this file would call`, 'tensors and ordered dicts only');
  }

  /** ('storage', storage type, key, location, elements): where the bytes of a tensor are. */
  #storage(id: PickleValue): PickledStorage {
    const [word, type, key, , elements] = isKind(id, 'tuple') ? id.items : [];
    const dtype = isKind(type, 'global') ? storageDtypes[type.name] : undefined;
    if (word !== 'storage' || dtype === undefined || typeof key !== 'string' || typeof elements !== 'number') {
      throw this.#damaged('a persistent id that is no storage', '("storage", type, key, device, elements)');
    }
    return { kind: 'storage', dtype, key, elements };
  }

  #reduce(): boolean {
    const [callable, argumentTuple] = this.#popMany(2);
    const items = isKind(argumentTuple, 'tuple') ? argumentTuple.items : [];
    const name = isKind(callable, 'global') ? callable.name : '';
    if (name === 'collections.OrderedDict' && items.length === 0) return this.#pushDictionary();
    const [first, offset, shape, strides] = items;
    if (name === 'torch._utils._rebuild_parameter' && isKind(first, 'tensor')) return this.#push(first);
    if (name === 'torch._utils._rebuild_tensor_v2' && isKind(first, 'storage') && typeof offset === 'number' && isKind(shape, 'tuple') && isKind(strides, 'tuple')) {
      this.#count();
      return this.#push({ kind: 'tensor', storage: first, elementOffset: offset, shape: shape.items, strides: strides.items });
    }
    throw this.#damaged(`a call of ${name === '' ? describePickleValue(callable ?? null) : name} with unknown arguments`, 'a tensor or an ordered dict');
  }

  /** torch.save attaches `_metadata` (module versions) to the ordered dict: read and dropped. */
  #build(): boolean {
    this.#pop();
    const target = this.#top();
    if (!isKind(target, 'dict')) throw this.#damaged(`a state for ${describePickleValue(target)}`, 'a state for an ordered dict');
    return true;
  }

  #longInteger(): number {
    const length = this.#take(1).readUInt8();
    if (length > 6) throw this.#damaged(`an integer of ${length} bytes`, 'at most 6');
    return length === 0 ? 0 : this.#take(length).readIntLE(0, length);
  }

  #text(length: number): string {
    return this.#take(length).toString('utf8');
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0 || end - this.#at > 1000) throw this.#damaged('a name without an end', 'a line');
    const text = this.#text(end - this.#at);
    this.#at += 1;
    return text;
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw this.#damaged('the end of the pickle', `${length} more bytes`);
    const slice = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return slice;
  }

  #damaged(found: string, expected: string): Problem {
    return this.#refuse('pickle-damaged', found, expected);
  }

  #tooLarge(found: string): Problem {
    return this.#refuse('pickle-too-large', found, 'a state dict of tensors');
  }

  #refuse(code: string, found: string, expected: string): Problem {
    return new Problem({
      code,
      found,
      expected,
      action: 'Take a checkpoint with model.safetensors, or download this one again from a source you trust.',
      place: { ...this.#place, byteOffset: this.#opcodeStart },
    });
  }
}

/** Names of the opcodes that turn up in files that do more than hold tensors. */
const opcodeNames: Readonly<Record<number, string>> = {
  0x69: 'INST', 0x6f: 'OBJ', 0x81: 'NEWOBJ', 0x92: 'NEWOBJ_EX', 0x82: 'EXT1', 0x83: 'EXT2', 0x84: 'EXT4', 0x50: 'PERSID',
  0x42: 'BINBYTES', 0x43: 'SHORT_BINBYTES', 0x55: 'SHORT_BINSTRING', 0x54: 'BINSTRING', 0x53: 'STRING', 0x97: 'NEXT_BUFFER',
};

function opcodeText(opcode: number): string {
  return opcodeNames[opcode] ?? 'not used by torch.save';
}
