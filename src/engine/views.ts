import type { Focus } from '../shared/ipc';
import type { Delta, Snapshot } from '../shared/model';
import type { Attention, Viewer } from './attention';
import type { MonitorView } from './monitor-types';
import type { ProcessSampling } from './process-sampling';
import type { Publisher } from './publisher';

export interface ViewsParts {
  attention: Attention;
  publisher: Publisher;
  sampling: ProcessSampling;
  isLooking: () => boolean;
}

/** Who looks, and at what. Whoever has no view of their own shares one. */
export class Views {
  constructor(
    private readonly parts: ViewsParts,
    private readonly shared: Viewer,
  ) {}

  snapshot(): Snapshot {
    return this.parts.publisher.snapshot(this.shared);
  }

  focus(focus: Focus): void {
    this.#focus(this.shared, focus);
  }

  subscribe(listener: (delta: Delta) => void): { snapshot: Snapshot; unsubscribe: () => void } {
    this.parts.sampling.sample();
    return this.parts.publisher.subscribe(listener, this.shared);
  }

  open(listener: (delta: Delta) => void): MonitorView {
    const { attention, publisher, sampling, isLooking } = this.parts;
    const viewer = Symbol('a view');
    sampling.sample();
    const unsubscribe = publisher.listen(listener, viewer);
    return {
      snapshot: () => publisher.snapshot(viewer),
      focus: (focus) => this.#focus(viewer, focus),
      close: () => {
        unsubscribe();
        attention.set(viewer, null);
        if (isLooking()) attention.assign();
      },
    };
  }

  #focus(viewer: Viewer, focus: Focus): void {
    const { attention, publisher, isLooking } = this.parts;
    if (!isLooking()) {
      attention.set(viewer, focus);
      return;
    }
    attention.focus(viewer, focus);
    publisher.detailChanged();
  }
}
