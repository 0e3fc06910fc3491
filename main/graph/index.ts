/** The public face of main/graph. */
export { GraphBuilder } from './build.ts';
export { buildGradients, differentiability } from './gradient.ts';
export { opKinds, type Node, type Op, type OpKind, type OpOf } from './op.ts';
export { printGraph } from './print.ts';
export { formatType, ShapeError, sizeOf, type DataType, type TensorType } from './type.ts';
export { nodesOf } from './walk.ts';
