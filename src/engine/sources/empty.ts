import type { SourceKind } from '../../shared/model';
import type { Source } from './source';

/** A source that finds nothing. */
export function emptySource(kind: SourceKind): Source {
  return {
    kind,
    setRoots: () => undefined,
    roots: () => [],
    *sweep() {},
    look: () => null,
    touched: () => false,
    watchDirectories: () => [],
    depthFor: () => 'none',
    rootDirectories: () => [],
    logTail: () => null,
    forget: () => undefined,
  };
}
