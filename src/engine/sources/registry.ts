import type { SourceKind } from '../../shared/model';
import type { Source } from './source';
import { createWorkerDirectorySource } from './worker-directory/source';
import type { WorkerDirectoryContext } from './worker-directory/worker';

/** Every kind of source, once. A kind in the vocabulary without an adapter here does not compile. */
const ADAPTERS: Record<SourceKind, (context: WorkerDirectoryContext) => Source> = {
  'worker-directory': createWorkerDirectorySource,
};

export function createSources(context: WorkerDirectoryContext): Source[] {
  return Object.values(ADAPTERS).map((create) => create(context));
}
