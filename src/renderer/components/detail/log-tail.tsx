import { useLayoutEffect, useRef } from 'react';
import type { WorkerDetail } from '../../../shared/model';

/** Nearer to the end than this counts as reading along, px. */
const AT_END_PX = 24;

/** The end of the worker's log; it follows the log unless the person has scrolled up. */
export function LogTail({ tail }: { tail: WorkerDetail['logTail'] }) {
  const box = useRef<HTMLElement>(null);
  const following = useRef(true);
  const text = tail?.lines.join('\n') ?? '';
  // biome-ignore lint/correctness/useExhaustiveDependencies: new text is what makes the end move
  useLayoutEffect(() => {
    if (box.current && following.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  if (!tail) return null;
  return (
    <div>
      <h3 id="log-title" className="label">
        Log <span className="log-file">{tail.file}</span>
      </h3>
      <section
        ref={box}
        className="well log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-labelledby="log-title"
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          following.current = scrollHeight - scrollTop - clientHeight < AT_END_PX;
        }}
      >
        <pre>{text || 'The log is empty.'}</pre>
      </section>
    </div>
  );
}
