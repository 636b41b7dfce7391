import { type Demo, type DemoOptions, startDemo } from '../host/demo-scene';
import type { Answer } from '../shared/ipc';

/** The demo workers that this program started. */
export interface DemoWorkers {
  /** Starts them and watches them; once they run, a second call changes nothing. */
  start(): Promise<Answer>;
  /** Ends them, and only them. */
  stop(): Promise<void>;
}

/** `watch` is told their directory. */
export function createDemo(options: DemoOptions, watch: (directory: string) => void): DemoWorkers {
  let demo: Promise<Demo> | null = null;
  return {
    async start() {
      if (demo) return { ok: true };
      demo = startDemo(options);
      try {
        watch((await demo).directory);
        return { ok: true };
      } catch (error) {
        demo = null;
        return { ok: false, reason: (error as Error).message };
      }
    },
    async stop() {
      const running = await demo?.catch(() => null);
      await running?.stop();
    },
  };
}
