/** The arguments with which this same program is started again: Node's own options and the script's path. */
export function ownScript(): string[] {
  const script = process.argv[1];
  if (!script) throw new Error('this program was not started from a file, so it cannot start itself again');
  return [...process.execArgv, script];
}
