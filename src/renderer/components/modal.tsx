import { type KeyboardEvent, type ReactNode, type RefObject, useLayoutEffect, useRef } from 'react';
import { focusActiveRow } from './focus-row';

interface Props {
  role: 'dialog' | 'alertdialog';
  className: string;
  /** Ids of the elements that name and describe it. */
  labelledBy: string;
  describedBy?: string;
  /** What has the focus at first. */
  initialFocus: RefObject<HTMLElement | null>;
  /** Escape was pressed. */
  onCancel: () => void;
  children: ReactNode;
}

const FOCUSABLE =
  'button:not(:disabled), input:not(:disabled), textarea:not(:disabled), select:not(:disabled), summary, [tabindex="0"]';

/** A modal dialog: the page behind is inert, Tab goes round inside, Escape cancels, the focus returns at the end. */
export function Modal({ role, className, labelledBy, describedBy, initialFocus, onCancel, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);

  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    const before = document.activeElement;
    element.showModal();
    initialFocus.current?.focus();
    return () => {
      element.close();
      if (document.activeElement === document.body) returnFocus(before);
    };
  }, [initialFocus]);

  function onKeyDown(event: KeyboardEvent<HTMLDialogElement>): void {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onCancel();
    } else if (event.key === 'Tab' && dialog.current) {
      goRound(event, dialog.current);
    }
  }

  return (
    <dialog
      ref={dialog}
      role={role}
      className={`modal ${className}`}
      aria-modal="true"
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      onKeyDown={onKeyDown}
      onCancel={(event) => {
        event.preventDefault();
        onCancel();
      }}
    >
      {children}
    </dialog>
  );
}

function goRound(event: KeyboardEvent, dialog: HTMLElement): void {
  const stops = [...dialog.querySelectorAll<HTMLElement>(FOCUSABLE)];
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  const other = event.shiftKey ? stops.at(-1) : stops[0];
  if (document.activeElement !== edge && stops.includes(document.activeElement as HTMLElement)) return;
  event.preventDefault();
  other?.focus();
}

/** What opened the dialog may be gone (a Kill button after the end): then the table's row is the next best. */
function returnFocus(before: Element | null): void {
  if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus();
  else focusActiveRow();
}
