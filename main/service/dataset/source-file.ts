/** A file of a source: named by its label within it, brought to disk only when somebody reads it. */
import type { WorkContext } from '../work-registry.ts';

export interface SourceFile {
  /** Its path within the source, with `/`; the name of a single file. */
  label: string;
  /** Where it is, for messages: unpacked and downloaded files lie elsewhere. */
  shown: string;
  sizeBytes: number;
  /** Whether `open` costs nothing. */
  isLocal: boolean;
  /** Where it lies on disk; unpacked or downloaded on the first call. @throws {Problem} */
  open(): Promise<string>;
}

export interface SkippedFile {
  label: string;
  reason: string;
}

export interface OpenedSource {
  kind: 'file' | 'files' | 'folder' | 'archive' | 'hub';
  /** As the person would name it: a path or an address. */
  location: string;
  suggestedName: string;
  tables: SourceTable[];
  skipped: SkippedFile[];
  /** Removes what was unpacked; downloads stay for the next try. */
  close(): Promise<void>;
}

/** What belongs together in splits. */
export interface SourceTable {
  /** Empty for the one without a name of its own. */
  table: string;
  splits: { split: string; files: SourceFile[] }[];
}

/** What opening a source may need. */
export interface SourceSurroundings {
  hubEndpoint: string;
  /** Where unfinished downloads wait; made when needed. */
  downloadFolder: string;
  signal?: AbortSignal | undefined;
  tell?: WorkContext['tell'] | undefined;
}
