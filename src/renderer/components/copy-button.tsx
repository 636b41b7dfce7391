import { useEffect, useState } from 'react';
import { useApp } from '../context';

/** How long it says that the text is on the clipboard. */
const SAID_MS = 1_500;

/** Puts text on the clipboard and says so. `what` completes “Copy …”. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const { actions } = useApp();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <>
      <button
        type="button"
        className={copied ? 'button button-icon button-done' : 'button button-icon'}
        aria-label={`Copy ${what}`}
        title={copied ? 'Copied' : `Copy ${what}`}
        onClick={() => void actions.copy(text).then(setCopied)}
      >
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          {copied ? (
            <path d="M3 8.5l3.4 3.4L13 5" fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" />
          ) : (
            <g fill="none" stroke="currentColor" strokeWidth="1.3" strokeLinejoin="round">
              <rect x="5.5" y="5.5" width="8" height="8.5" rx="1.5" />
              <path d="M10.5 5.5V3.5a1.5 1.5 0 0 0-1.5-1.5H4a1.5 1.5 0 0 0-1.5 1.5v5.5A1.5 1.5 0 0 0 4 10.5h1.5" />
            </g>
          )}
        </svg>
      </button>
      <span className="visually-hidden" role="status">
        {copied ? 'Copied' : ''}
      </span>
    </>
  );
}
