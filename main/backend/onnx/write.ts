/** A graph as the bytes of an ONNX file whose frozen weights lie in other files, each once. */
import type { Node } from '../../graph/index.ts';
import { nodesOf, type TensorType } from '../../graph/index.ts';
import type { FrozenWeights, Program, Provider } from '../backend.ts';
import { Problem } from '../../contract/problem.ts';
import { loweringFor, type Emitter, type LowerContext } from './lower.ts';
import { elementTypes, encodeModel, irVersion, opsetVersion, type ModelProto, type NodeProto, type TensorProto, type ValueInfoProto } from './proto.ts';

export interface WrittenGraph {
  readonly bytes: Uint8Array;
  readonly inputs: ReadonlyMap<string, TensorType>;
}

/**
 * @param program the outputs by name; every input and parameter they need is found by walking.
 * @throws {Problem} `weight-missing` when a parameter is not among the frozen weights or has another shape.
 */
export function writeGraph(program: Program, provider: Provider): WrittenGraph {
  const nodes = nodesOf(Object.values(program.outputs));
  const writer = new GraphWriter(nodes, provider);
  for (const node of nodes) writer.write(node, program.frozen);
  const output = Object.entries(program.outputs).map(([name, node]) => {
    writer.alias(node, outputName(name));
    return valueInfo(outputName(name), node.type);
  });
  const model: ModelProto = {
    irVersion,
    producerName: 'souffleur',
    opsetImport: [{ domain: '', version: opsetVersion }, { domain: 'com.microsoft', version: 1 }],
    graph: {
      name: program.name,
      node: writer.nodes,
      initializer: writer.initializers,
      input: [...writer.inputs].map(([name, type]) => valueInfo(name, type)),
      output,
    },
  };
  return { bytes: encodeModel(model), inputs: writer.inputs };
}

/** A program's output may be called as one of its inputs is (a gradient as its prompt); in the file their names differ. */
export function outputName(name: string): string {
  return `%output/${name}`;
}

function valueInfo(name: string, type: TensorType): ValueInfoProto {
  return { name, type: { tensorType: { elemType: elementTypes[type.dtype], shape: { dim: type.shape.map((dimValue) => ({ dimValue })) } } } };
}

class GraphWriter implements Emitter {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  readonly inputs = new Map<string, TensorType>();
  readonly #provider: Provider;
  readonly #literals = new Map<string, string>();
  readonly #users = new Map<Node, Node[]>();
  #current: Node | null = null;
  #madeUp = 0;

  constructor(nodes: readonly Node[], provider: Provider) {
    this.#provider = provider;
    for (const node of nodes) {
      for (const operand of node.inputs) {
        const users = this.#users.get(operand) ?? [];
        users.push(node);
        this.#users.set(operand, users);
      }
    }
  }

  write(node: Node, frozen: FrozenWeights | null): void {
    const { op } = node;
    switch (op.kind) {
      case 'input':
        this.inputs.set(op.name, node.type);
        return;
      case 'parameter':
        this.initializers.push(externalTensor(op.name, node.type, frozen));
        return;
      case 'constant':
        this.initializers.push(literalTensor(this.nameOf(node), node.type, op.data));
        return;
      default: {
        const operands = node.inputs.map((input) => this.nameOf(input));
        const x = operands as unknown as LowerContext<typeof op.kind>['x'];
        this.#current = node;
        loweringFor(op, this.#provider)({ onnx: this, op, node, x, operands, y: this.nameOf(node) });
      }
    }
  }

  /** ONNX outputs have names of their own: an Identity gives a leaf, or a value with two names, one. */
  alias(node: Node, name: string): void {
    this.nodes.push({ name, opType: 'Identity', domain: '', input: [this.nameOf(node)], output: [name], attribute: [] });
  }

  /** As in `printGraph`; the names we make up start with %, so that no leaf's name meets one. */
  nameOf(node: Node): string {
    return node.op.kind === 'input' || node.op.kind === 'parameter' ? node.op.name : `%${node.id}`;
  }

  siblings(operand: Node): readonly Node[] {
    return this.#users.get(operand) ?? [];
  }

  emit(opType: string, inputs: readonly string[], options: Parameters<Emitter['emit']>[2] = {}): string {
    const output = options.outputs ?? [`%t${this.#freshNumber()}`];
    // The name shows in profiles: scope first, so that time can be summed per place.
    const name = `${this.#current?.scope ?? ''}/${opType}_${this.#freshNumber()}`;
    this.nodes.push({ name, opType, domain: options.domain ?? '', input: inputs, output, attribute: options.attributes ?? [] });
    return output[0] as string;
  }

  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#literal({ dtype: 'i64', shape }, BigInt64Array.from(values, BigInt));
  }

  floats(values: readonly number[], shape: readonly number[] = values.length === 1 ? [] : [values.length]): string {
    return this.#literal({ dtype: 'f32', shape }, Float32Array.from(values));
  }

  #literal(type: TensorType, data: Float32Array | BigInt64Array): string {
    const key = `${type.dtype} [${type.shape.join(',')}] ${data.join(',')}`;
    const known = this.#literals.get(key);
    if (known !== undefined) return known;
    const name = `%c${this.#freshNumber()}`;
    this.initializers.push(literalTensor(name, type, data));
    this.#literals.set(key, name);
    return name;
  }

  #freshNumber(): number {
    this.#madeUp += 1;
    return this.#madeUp;
  }
}

function literalTensor(name: string, type: TensorType, data: Float32Array | BigInt64Array): TensorProto {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dims: type.shape, dataType: elementTypes[type.dtype], rawData };
}

function externalTensor(name: string, type: TensorType, frozen: FrozenWeights | null): TensorProto {
  const stored = frozen?.tensors.get(name);
  if (stored === undefined || stored.shape.join() !== type.shape.join()) {
    throw new Problem({
      code: 'weight-missing',
      found: stored === undefined ? `no weight ${name}` : `${name} of shape [${stored.shape.join(',')}]`,
      expected: `${name} of shape [${type.shape.join(',')}]`,
      action: 'The model folder does not hold the weights that its config.json describes; fetch it again.',
    });
  }
  return {
    name,
    dims: type.shape,
    dataType: elementTypes[type.dtype],
    dataLocation: 1,
    externalData: [
      { key: 'location', value: stored.file },
      { key: 'offset', value: String(stored.byteOffset) },
      { key: 'length', value: String(stored.byteLength) },
    ],
  };
}
