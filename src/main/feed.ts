import type { Desk } from '../server/desk';
import type { Focus, Pushes, PushName } from '../shared/ipc';
import type { Snapshot } from '../shared/model';
import { newPicture } from '../shared/snapshot';

const LOOKS_AT_NOTHING: Focus = { visible: [], selected: null };

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

export function createFeed(desk: Desk, send: Send): Feed {
  const view = desk.view((delta) => send('delta', delta));
  let isVisible = false;
  let listens = false;
  const waiting: (() => void)[] = [];

  function sendWaiting(): void {
    for (const run of waiting.splice(0)) run();
  }

  return {
    snapshot() {
      listens = true;
      setImmediate(sendWaiting);
      return isVisible ? view.open() : desk.snapshot();
    },
    focus: (focus) => view.focus(focus),
    visible(visible) {
      isVisible = visible;
      if (!visible) view.rest();
      else if (listens) send('delta', newPicture(desk.snapshot()));
    },
    sendWhenReady(name, payload) {
      if (listens) send(name, payload);
      else waiting.push(() => send(name, payload));
    },
    pageGone() {
      listens = false;
      view.focus(LOOKS_AT_NOTHING);
      view.rest();
    },
    stop: () => view.rest(),
  };
}
