import { type FocusEvent, type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';

export interface MenuItem {
  words: string;
  choose: () => void;
}

interface Props {
  children: ReactNode;
  title?: string;
  pressed?: boolean;
  items: readonly MenuItem[];
}

/** A button that opens a menu above itself: arrows walk it, Escape or a click elsewhere closes it. */
export function MenuButton({ children, title, pressed = false, items }: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    if (open) menu.current?.querySelector('button')?.focus();
  }, [open]);

  function close(): void {
    setOpen(false);
    button.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>): void {
    if (!open && event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    if (!open) setOpen(true);
    else if (event.key === 'Escape') close();
    else if (!walk(event.key, menu.current)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  function onBlur(event: FocusEvent<HTMLDivElement>): void {
    if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the button and the menu inside
    <div className="menu-place" onKeyDown={onKeyDown} onBlur={onBlur}>
      <button
        ref={button}
        type="button"
        className={pressed ? 'button button-menu button-on' : 'button button-menu'}
        title={title}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {children}
        <svg viewBox="0 0 8 8" width="8" height="8" aria-hidden="true">
          <path d="M1 5.5l3-3 3 3" fill="none" stroke="currentColor" strokeWidth="1.4" />
        </svg>
      </button>
      {open && (
        <div ref={menu} id={id} className="menu" role="menu">
          {items.map(({ words, choose }) => (
            <button
              key={words}
              type="button"
              role="menuitem"
              className="menu-item"
              tabIndex={-1}
              onClick={() => {
                close();
                choose();
              }}
            >
              {words}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Move the focus in the menu; false for a key that does not. */
function walk(key: string, menu: HTMLElement | null): boolean {
  const items = [...(menu?.querySelectorAll('button') ?? [])];
  const at = items.indexOf(document.activeElement as HTMLButtonElement);
  const steps: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1 + items.length,
    Home: 0,
    End: items.length - 1,
  };
  const to = steps[key];
  if (to === undefined || !items.length) return false;
  items[to % items.length]?.focus();
  return true;
}
