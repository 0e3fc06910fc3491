/**
 * The proofs of every operation as data: for each kind of the union at least one well-formed case and one misfit.
 * The type makes the compiler ask for a new kind; op.test.ts walks `opKinds` and runs every row.
 */
import type { OpKind } from '../../main/graph/index.ts';
import { elementwiseProofs } from './op-cases-elementwise.ts';
import { lastAxisProofs } from './op-cases-last-axis.ts';
import { layoutProofs } from './op-cases-layout.ts';
import type { Proof } from './op-case.ts';

export const opProofs: Readonly<Record<OpKind, Proof>> = { ...elementwiseProofs, ...lastAxisProofs, ...layoutProofs };
