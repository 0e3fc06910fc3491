/** What a method is: one file exports one `TrainingMethod` or one `DesignMethod`, one line in index.ts registers it. */
import type { z } from 'zod';
import type { T5Config } from '../model/config.ts';
import type { EvaluationSettings } from './part/evaluation-settings.ts';
import type { TrainingSettings } from './part/training-settings.ts';

/** A trained tensor. */
export interface Trainable {
  /** `prompt`, or the name of a weight in transformers. */
  readonly name: string;
  readonly shape: readonly number[];
}

/** Where a method acts on the frozen model. */
export interface Placement {
  /** Soft prompt rows in the encoder's input; 0 for none. */
  readonly promptRows: number;
  readonly trainables: readonly Trainable[];
}

/** What initialisation may look at; effects stay with the caller. */
export interface InitialisationContext {
  readonly model: T5Config;
  /** Row `id` of the frozen embedding, f32[d]. */
  embeddingRow(id: number): Float32Array;
  /** Ids of a text, without EOS. */
  tokenize(text: string): readonly number[];
  /** Target texts of the task in class-id order; empty for open tasks. */
  readonly labels: readonly string[];
  /** Where a pattern places the prompt's rows, in their order; absent or empty where all stand in front of the text. */
  readonly slots?: readonly PromptSlot[];
  /** A frozen weight's own values, for methods that start from the model. */
  weight(name: string): Float32Array;
  /** Values of a .npy or .safetensors file. @throws {Problem} when it is no array. */
  readArray(path: string): Promise<{ readonly shape: readonly number[]; readonly data: Float32Array }>;
  readonly random: UniformSource;
}

/** A stretch of the prompt's rows. */
export interface PromptSlot {
  readonly rows: number;
  /** The text whose tokens they begin as; null leaves it to the method. */
  readonly from: string | null;
}

/** The run's generator for initialisation. */
export interface UniformSource {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in 0 … bound − 1. */
  integerBelow(bound: number): number;
}

export interface TrainingMethod<Settings extends TrainingSettings = TrainingSettings> {
  /** kebab-case; what `--method` takes. */
  readonly id: string;
  readonly title: string;
  readonly reference: string;
  /** A prompt alone: runs of such a method can share one frozen model and its passes. */
  readonly trains: 'prompt' | 'weights';
  /** Settings with their defaults; `--set key=value` reaches these keys, a form is drawn from it. */
  readonly schema: z.ZodType<Settings>;
  place(settings: Settings, model: T5Config): Placement;
  /** First values of every trainable, in the order of `place`. */
  initialise(settings: Settings, context: InitialisationContext): Promise<readonly Float32Array[]>;
}

/** A method that trains nothing: it writes around the inputs of the frozen model. A run of it makes no step. */
export interface DesignMethod<Settings extends EvaluationSettings = EvaluationSettings> {
  /** kebab-case; what `--method` takes. */
  readonly id: string;
  readonly title: string;
  readonly reference: string;
  readonly trains: 'nothing';
  /** As in `TrainingMethod`. */
  readonly schema: z.ZodType<Settings>;
  /** How many labelled examples of the training file the text shows. */
  countShots(settings: Settings): number;
  /** What the encoder reads around a task's own input. */
  writeAround(settings: Settings, context: DesignContext): Around;
}

/** Texts that touch the input: whatever is to part them from it is in them. */
export interface Around {
  readonly before: string;
  readonly behind: string;
}

export interface DesignContext {
  /** As many as `countShots` said. */
  readonly shots: readonly Shot[];
  /** Whether the encoder reads the input uncut within these texts. */
  fits(around: Around): boolean;
}

/** A labelled example as text. */
export interface Shot {
  readonly input: string;
  /** Null where a pattern has put it into the input. */
  readonly answer: string | null;
}
