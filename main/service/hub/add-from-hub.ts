/** A model of the hub, downloaded and taken into the workspace. */
import type { AnswerConvention, JobEvent } from '../../contract/worker-protocol.ts';
import { parseModelName } from '../../store/identifiers.ts';
import type { Workspace } from '../../store/workspace.ts';
import { addModel, nameTaken, type AddedModel } from '../models.ts';
import { readSettings } from '../settings.ts';
import { parseHubModel } from './hub-model.ts';
import { downloadModel, type ModelDownloadRequest } from './model-download.ts';

export interface HubModelRequest extends Omit<ModelDownloadRequest, 'endpoint'> {
  /** Null takes the hub's, without its owner. */
  name: string | null;
  /** Null guesses. */
  convention: AnswerConvention | null;
  /** Of the check after the download. */
  onEvent?: (event: JobEvent) => void;
  workerFile?: string;
}

/**
 * From the endpoint of the settings. A model that cannot be added stays downloaded: asking again costs no download.
 * @throws {Problem} `model-name-taken` before anything is downloaded; as downloadModel and addModel
 */
export async function addFromHub(workspace: Workspace, { name: given, convention, onEvent, workerFile, ...download }: HubModelRequest): Promise<AddedModel> {
  const { id } = parseHubModel(download.id, download.revision);
  const name = parseModelName(given ?? id.split('/').at(-1) ?? id);
  if (workspace.models.find(name) !== null) throw nameTaken(name);
  const directory = await downloadModel(workspace, { ...download, endpoint: readSettings(workspace).hubEndpoint });
  return addModel(workspace, {
    directory, name, convention, signal: download.signal, ...(onEvent === undefined ? {} : { onEvent }), ...(workerFile === undefined ? {} : { workerFile }),
  });
}
