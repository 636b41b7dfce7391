import type { Monitor } from '../engine/monitor-types';
import type { Focus, Pushes, PushName } from '../shared/ipc';
import type { Delta, Snapshot } from '../shared/model';

const LOOKS_AT_NOTHING: Focus = { visible: [], selected: null };
const FAR_AHEAD = Number.MAX_SAFE_INTEGER;

type Send = <P extends PushName>(name: P, payload: Pushes[P]) => void;

/** Keeps the page's picture current while the window can be seen, and costs nothing while it cannot. */
export interface Feed {
  /** The full picture; every delta after it is sent to the page. */
  snapshot(): Snapshot;
  focus(focus: Focus): void;
  visible(visible: boolean): void;
  /** Send as soon as the page listens, which it does once it has asked for its first picture. */
  sendWhenReady: Send;
  /** The page is being loaded afresh and listens to nothing. */
  pageGone(): void;
  stop(): void;
}

export function createFeed(monitor: Monitor, send: Send): Feed {
  let unsubscribe: (() => void) | null = null;
  let focus = LOOKS_AT_NOTHING;
  let isVisible = false;
  let listens = false;
  const waiting: (() => void)[] = [];

  function stop(): void {
    unsubscribe?.();
    unsubscribe = null;
    monitor.focus(LOOKS_AT_NOTHING);
  }

  function subscribe(): Snapshot {
    unsubscribe?.();
    monitor.focus(focus);
    const subscription = monitor.subscribe((delta) => send('delta', delta));
    unsubscribe = subscription.unsubscribe;
    return subscription.snapshot;
  }

  function sendWaiting(): void {
    for (const run of waiting.splice(0)) run();
  }

  return {
    snapshot() {
      listens = true;
      setImmediate(sendWaiting);
      return isVisible ? subscribe() : monitor.snapshot();
    },
    focus(next) {
      focus = next;
      if (isVisible) monitor.focus(focus);
    },
    visible(visible) {
      isVisible = visible;
      if (!visible) stop();
      else if (listens) send('delta', newPicture(monitor.snapshot()));
    },
    sendWhenReady(name, payload) {
      if (listens) send(name, payload);
      else waiting.push(() => send(name, payload));
    },
    pageGone() {
      listens = false;
      focus = LOOKS_AT_NOTHING;
      stop();
    },
    stop,
  };
}

/** A delta that follows nothing: the page answers it by asking for the full picture. */
function newPicture({
  workers: _workers,
  events: _events,
  series: _series,
  detail: _detail,
  ...head
}: Snapshot): Delta {
  return { head: { ...head, seq: FAR_AHEAD }, changed: [], removed: [], events: [], series: [] };
}
