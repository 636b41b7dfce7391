/** Resolves with the first signal that asks this program to end. A second one ends it at once. */
export function interrupted(): Promise<NodeJS.Signals> {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  return new Promise((done) => {
    const end = (name: NodeJS.Signals) => {
      for (const each of names) process.off(each, end);
      done(name);
    };
    for (const name of names) process.on(name, end);
  });
}
