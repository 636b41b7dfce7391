import type { ProcessTable } from '../../engine/ports';
import { addressText } from './rows';

/** How this process is named as a writer; null while that cannot be found out. Found once, when it is first asked. */
export function createOurselves(table: ProcessTable): () => string | null {
  let known: string | null = null;
  return () => {
    known ??= findOurselves(table);
    return known;
  };
}

function findOurselves(table: ProcessTable): string | null {
  const look = table.inspect(table.self().pid);
  if (look.liveness !== 'alive') return null;
  const { pid, startTime } = look.fact;
  return addressText({ pid, startTime, ...table.space() });
}
