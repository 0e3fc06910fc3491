/**
 * The part of ONNX's protobuf schema that we write (onnx/onnx.proto3, field numbers as there), and its encoder.
 * IR version 10 and opset 21 are read by every onnxruntime since 1.18.
 */
import protobuf from 'protobufjs';

export const irVersion = 10;
export const opsetVersion = 21;

/** onnx.TensorProto.DataType */
export const elementTypes = { f32: 1, i64: 7, bool: 9 } as const;

export interface AttributeProto {
  name: string;
  /** onnx.AttributeProto.AttributeType: FLOAT 1, INT 2, STRING 3, INTS 7 */
  type: 1 | 2 | 3 | 7;
  f?: number;
  i?: number;
  s?: Uint8Array;
  ints?: readonly number[];
}

export interface NodeProto {
  name: string;
  opType: string;
  domain: string;
  input: readonly string[];
  output: readonly string[];
  attribute: readonly AttributeProto[];
}

export interface TensorProto {
  name: string;
  dims: readonly number[];
  dataType: number;
  rawData?: Uint8Array;
  /** location, offset, length: the value lies in another file. */
  externalData?: readonly { key: string; value: string }[];
  /** EXTERNAL = 1 */
  dataLocation?: 1;
}

export interface ValueInfoProto {
  name: string;
  type: { tensorType: { elemType: number; shape: { dim: readonly { dimValue: number }[] } } };
}

export interface ModelProto {
  irVersion: number;
  producerName: string;
  opsetImport: readonly { domain: string; version: number }[];
  graph: {
    name: string;
    node: readonly NodeProto[];
    initializer: readonly TensorProto[];
    input: readonly ValueInfoProto[];
    output: readonly ValueInfoProto[];
  };
}

const schema = protobuf.Root.fromJSON({
  nested: {
    ModelProto: { fields: { irVersion: field('int64', 1), producerName: field('string', 2), graph: field('GraphProto', 7), opsetImport: list('OperatorSetIdProto', 8) } },
    OperatorSetIdProto: { fields: { domain: field('string', 1), version: field('int64', 2) } },
    GraphProto: { fields: { node: list('NodeProto', 1), name: field('string', 2), initializer: list('TensorProto', 5), input: list('ValueInfoProto', 11), output: list('ValueInfoProto', 12) } },
    NodeProto: { fields: { input: list('string', 1), output: list('string', 2), name: field('string', 3), opType: field('string', 4), attribute: list('AttributeProto', 5), domain: field('string', 7) } },
    AttributeProto: { fields: { name: field('string', 1), f: field('float', 2), i: field('int64', 3), s: field('bytes', 4), ints: list('int64', 8), type: field('int32', 20) } },
    TensorProto: { fields: { dims: list('int64', 1), dataType: field('int32', 2), name: field('string', 8), rawData: field('bytes', 9), externalData: list('StringStringEntryProto', 13), dataLocation: field('int32', 14) } },
    StringStringEntryProto: { fields: { key: field('string', 1), value: field('string', 2) } },
    ValueInfoProto: { fields: { name: field('string', 1), type: field('TypeProto', 2) } },
    TypeProto: { fields: { tensorType: field('TypeProtoTensor', 1) } },
    TypeProtoTensor: { fields: { elemType: field('int32', 1), shape: field('TensorShapeProto', 2) } },
    TensorShapeProto: { fields: { dim: list('TensorShapeDimension', 1) } },
    TensorShapeDimension: { fields: { dimValue: field('int64', 1) } },
  },
});

const modelType = schema.lookupType('ModelProto');

function field(type: string, id: number): protobuf.IField {
  return { type, id };
}

function list(type: string, id: number): protobuf.IField {
  return { type, id, rule: 'repeated' };
}

/** @returns an ONNX file's model, absent fields empty: how tests see what was written. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  return modelType.toObject(modelType.decode(bytes), { longs: Number, arrays: true, defaults: true }) as ModelProto;
}

/** @returns the bytes of an ONNX file. */
export function encodeModel(model: ModelProto): Uint8Array {
  return modelType.encode(modelType.fromObject(model)).finish();
}
