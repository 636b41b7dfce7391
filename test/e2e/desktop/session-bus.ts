import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface SessionBus {
  address: string;
  stop(): Promise<void>;
}

/** Without service folders, so that no real panel or notification daemon of the machine is ever started on it. */
const config = (
  folder: string,
): string => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${join(folder, 'bus')}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

/** A session bus of the test's own: a real dbus-daemon, its files in `folder`. */
export async function startSessionBus(folder: string): Promise<SessionBus> {
  const file = join(folder, 'bus.conf');
  writeFileSync(file, config(folder));
  const daemon = spawn('dbus-daemon', [`--config-file=${file}`, '--nofork', '--print-address=1'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(daemon, 'exit');
  const firstLine = once(createInterface({ input: daemon.stdout }), 'line') as Promise<[string]>;
  const [address] = await Promise.race([
    firstLine,
    ended.then(([code]) => Promise.reject(new Error(`dbus-daemon ended with ${code}`))),
  ]);
  return {
    address,
    async stop() {
      daemon.kill('SIGTERM');
      await ended;
    },
  };
}
