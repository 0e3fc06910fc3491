/** The schemas of the contract and the types that the reports are made with say the same: the compiler proves it, the test only gives it a name. */
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { comparisonReportSchema } from '../../../main/contract/api/comparison-report.ts';
import type { diagnosisSchema } from '../../../main/contract/api/devices.ts';
import type { ensembleReportSchema, voteListingSchema } from '../../../main/contract/api/ensembles.ts';
import type { addedModelSchema, modelDetailsSchema, modelReportSchema } from '../../../main/contract/api/models.ts';
import type { studyListingSchema } from '../../../main/contract/api/studies.ts';
import type { studyReportSchema } from '../../../main/contract/api/study-report.ts';
import type { ComparisonReport } from '../../../main/contract/comparison.ts';
import type { StudyReport } from '../../../main/contract/study.ts';
import type { Diagnosis } from '../../../main/service/doctor.ts';
import type { EnsembleReport } from '../../../main/service/ensembles.ts';
import type { AddedModel, ModelReport, showModel } from '../../../main/service/models.ts';
import type { StudyListing } from '../../../main/service/study/studies.ts';
import type { VoteListing } from '../../../main/service/vote-pages.ts';
import type { ModelName, ObjectHash, RunId } from '../../../main/store/identifiers.ts';

/** Without what does not cross the border: readonly marks and brands of texts. */
type Plain<Value> = Value extends RunId | ObjectHash | ModelName ? string
  : Value extends string | number | boolean | null | undefined ? Value
  : Value extends readonly (infer Item)[] ? Plain<Item>[]
  : Value extends object ? { -readonly [Key in keyof Value]: Plain<Value[Key]> }
  : Value;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
type Same<Schema extends z.ZodType, Type> = Equal<Plain<z.output<Schema>>, Plain<Type>>;

describe('reports over the contract', () => {
  it('have exactly the fields of the types that the core makes them with', () => {
    const proofs: [
      Same<typeof studyReportSchema, StudyReport>,
      Same<typeof comparisonReportSchema, ComparisonReport>,
      Same<typeof ensembleReportSchema, EnsembleReport>,
      Same<typeof studyListingSchema, StudyListing>,
      Same<typeof modelReportSchema, ModelReport>,
      Same<typeof modelDetailsSchema, ReturnType<typeof showModel>>,
      Same<typeof addedModelSchema, AddedModel>,
      Same<typeof diagnosisSchema, Diagnosis>,
      Same<typeof voteListingSchema, VoteListing>,
    ] = [true, true, true, true, true, true, true, true, true];
    expect(proofs.every(Boolean)).toBe(true);
    const different: Same<typeof studyReportSchema, ComparisonReport> = false;
    expect(different).toBe(false);
  });
});
