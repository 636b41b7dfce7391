/**
 * Signal a process group whose leader has not been waited for yet: until then its number is no one else's. Where it has
 * ended, or is another user's by now (sudo), nothing happens.
 */
export function signalGroupOf(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
