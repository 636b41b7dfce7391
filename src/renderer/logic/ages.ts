/**
 * Ages go on between two deltas: the engine says how old something was when it judged, the window adds what has passed.
 * All lengths in ms; `…At` is the engine's wall clock, `receivedAt` and `tickAt` are the window's monotonic clock.
 */

/** When the latest picture was taken, and when it came here. */
export interface Received {
  takenAt: number;
  receivedAt: number;
  /** While watching is paused nothing is known of the time since. */
  paused: boolean;
}

/** The engine's time as of a tick of the window; never before the picture itself. */
export function engineNow(received: Received, tickAt: number): number {
  if (received.paused) return received.takenAt;
  return received.takenAt + sinceReceived(received, tickAt);
}

/** How long the picture has been here. */
export function sinceReceived(received: Received, tickAt: number): number {
  return Math.max(0, tickAt - received.receivedAt);
}

/** An age as of `judgedAt`, carried on to `now`; null stays null. */
export function ageNow(ageMs: number | null, judgedAt: number, now: number): number | null {
  return ageMs === null ? null : ageMs + Math.max(0, now - judgedAt);
}

/** `0.4 s` below ten seconds, then whole seconds and minutes. */
export function shortAge(ms: number): string {
  const s = Math.max(0, ms) / 1000;
  if (s < 10) return `${(Math.floor(s * 10) / 10).toFixed(1)} s`;
  if (s < 60) return `${Math.floor(s)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  return `${Math.floor(s / 3600)} h`;
}
