import { type RefObject, useCallback, useRef, useState } from 'react';
import type { SettingGroup } from '../../../shared/settings';

/** A group is being read from where its title stands so far below the top, px. */
const READ_FROM_PX = 48;

export interface GroupsInView {
  /** Of the element that scrolls and holds the groups. */
  ref: RefObject<HTMLDivElement | null>;
  current: SettingGroup;
  onScroll(): void;
  /** Scroll to a group and go on from there with the keyboard. */
  go(group: SettingGroup): void;
}

/** Which group of the settings is being read; each is an element with the attribute `data-group`. */
export function useGroups(first: SettingGroup): GroupsInView {
  const ref = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(first);

  const onScroll = useCallback(() => {
    const body = ref.current;
    if (!body) return;
    const isAtEnd = body.scrollTop + body.clientHeight >= body.scrollHeight - 1;
    const top = body.getBoundingClientRect().top + READ_FROM_PX;
    const begun = elements(body).filter((element) => isAtEnd || element.getBoundingClientRect().top <= top);
    setCurrent((begun.at(-1)?.dataset.group as SettingGroup | undefined) ?? first);
  }, [first]);

  const go = useCallback((group: SettingGroup) => {
    const element = ref.current && elements(ref.current).find(({ dataset }) => dataset.group === group);
    element?.scrollIntoView({ block: 'start' });
    element?.focus({ preventScroll: true });
    setCurrent(group);
  }, []);

  return { ref, current, onScroll, go };
}

function elements(body: HTMLElement): HTMLElement[] {
  return [...body.querySelectorAll<HTMLElement>('[data-group]')];
}
