/** Work at most this long at a stretch: timers, the window and the tray go on in between. */
const SLICE_MS = 4;

export interface Pace {
  /** The slice is used up: `rest` before going on. */
  due(): boolean;
  rest(): Promise<void>;
}

export function createPace(): Pace {
  let untilMs = performance.now() + SLICE_MS;
  return {
    due: () => performance.now() >= untilMs,
    async rest() {
      await new Promise<void>((resume) => setImmediate(resume));
      untilMs = performance.now() + SLICE_MS;
    },
  };
}
