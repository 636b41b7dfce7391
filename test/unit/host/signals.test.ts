import { expect, it, vi } from 'vitest';
import { createSignals } from '../../../src/host/signals';

// The system call is replaced here alone: should the guard break, signalling -1 for real would end every process.
it.each([0, 1, -1, -1234, 1.5, Number.NaN, process.pid])('never hands pid %s to the system', (pid) => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  expect(createSignals().send(pid, 'SIGTERM').result).toBe('refused');
  expect(kill.mock.calls).toEqual([]);
});

it('tells apart who is gone and who may not be signalled', () => {
  const kill = vi.spyOn(process, 'kill');
  const failing = (code: string) => () => {
    throw Object.assign(new Error(code), { code });
  };
  kill.mockImplementationOnce(failing('ESRCH'));
  expect(createSignals().send(4_000_000, 'SIGTERM')).toEqual({ result: 'gone' });
  kill.mockImplementationOnce(failing('EPERM'));
  expect(createSignals().send(4_000_000, 'SIGTERM')).toMatchObject({ result: 'refused' });
});
