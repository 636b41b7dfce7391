import type { ReactNode } from 'react';
import type { Shape, Sign } from '../logic/words';

const SHAPES: Record<Shape, ReactNode> = {
  square: <rect x="2" y="2" width="10" height="10" rx="1" fill="currentColor" />,
  cross: <path d="M3 3l8 8M11 3l-8 8" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" />,
  'small-cross': (
    <path d="M4.2 4.2l5.6 5.6M9.8 4.2l-5.6 5.6" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
  ),
  diamond: <path d="M7 1.2L12.8 7 7 12.8 1.2 7z" fill="currentColor" />,
  triangle: <path d="M7 2.2L12.6 12H1.4z" fill="currentColor" />,
  dot: <circle cx="7" cy="7" r="4.8" fill="currentColor" />,
  half: (
    <>
      <circle cx="7" cy="7" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M7 2.8a4.2 4.2 0 0 0 0 8.4z" fill="currentColor" />
    </>
  ),
  ring: <circle cx="7" cy="7" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  dash: <path d="M3.5 7h7" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />,
  question: (
    <>
      <path
        d="M4.2 4.9a2.8 2.8 0 1 1 4.4 2.2c-1 .7-1.6 1.1-1.6 2.1"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
      />
      <circle cx="7" cy="12" r="1.1" fill="currentColor" />
    </>
  ),
};

/** A worker that nothing but a person may end. */
export function ShieldMark({ title }: { title: string }) {
  return (
    <span className="shield" title={title}>
      <svg viewBox="0 0 14 14" width="13" height="13" aria-hidden="true">
        <path
          d="M7 1.4l4.6 1.7v3.4c0 2.8-1.9 5-4.6 6.1-2.7-1.1-4.6-3.3-4.6-6.1V3.1z"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.3"
          strokeLinejoin="round"
        />
      </svg>
      <span className="visually-hidden">{title}</span>
    </span>
  );
}

/** The shape of a state in its colour; the word stands beside it, so it says nothing to a screen reader. */
export function Mark({ sign }: { sign: Sign }) {
  return (
    <svg className={`mark tone-${sign.tone}`} viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
      {SHAPES[sign.shape]}
    </svg>
  );
}
