/**
 * Whoever starts demo workers holds the other end of their standard input and never writes to it. It closes when that
 * program ends, however it ends (SIGKILL too), and everything that inherited it ends itself: no demo worker is left
 * behind, not even one that ignores SIGTERM, nor its children.
 */
export function whenStarterEnds(run: () => void): void {
  process.stdin.on('end', run).on('close', run).on('error', run);
  process.stdin.resume();
}
