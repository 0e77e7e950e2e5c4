/**
 * Passes the focus from view to view as if the window were one page: a sentinel at each end of the page tells main
 * when Tab has run out of elements, and main's answer elsewhere is to let the neighbouring page take it.
 *
 * 1. A sentinel never keeps the focus, except for the moment in which main moves it to another view.
 * 2. Only a Tab in its own direction leaves. Any other arrival at a sentinel, such as the system's when it gives a new
 *    window the focus, goes back to where the focus last was, else to the nearest element inside.
 */
import { useEffect, useRef } from 'react';
import type { FocusEvent, ReactNode } from 'react';

import type { Reply } from '../../shared/index.ts';
import { act } from './act.ts';

type Direction = 'forward' | 'backward';

interface FocusBridge<From extends string> {
  readonly leave: (input: { direction: Direction }) => Promise<Reply<null>>;
  readonly onEnter: (listener: (event: { readonly from: From }) => void) => () => void;
}

const tabbable = [
  'button:not([disabled])',
  'textarea:not([disabled])',
  'input:not([disabled])',
  'summary',
  '[tabindex]',
].join(',');

function stops(root: HTMLElement): readonly HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>(tabbable)].filter(
    (element) =>
      element.tabIndex >= 0 &&
      element.closest('[inert]') === null &&
      element.checkVisibility({ checkVisibilityCSS: true }),
  );
}

function focusEnd(root: HTMLElement | null, end: 'first' | 'last'): void {
  if (root !== null)
    stops(root)
      .at(end === 'first' ? 0 : -1)
      ?.focus();
}

function focusAgain(
  root: HTMLElement | null,
  last: HTMLElement | null,
  otherwise: 'first' | 'last',
): void {
  if (root !== null && last !== null && stops(root).includes(last)) last.focus();
  else focusEnd(root, otherwise);
}

/** Wraps a whole page. `onEnterOther` handles places that are not an end of the page, such as the composer. */
export function FocusEdges<From extends string>(props: {
  readonly bridge: FocusBridge<From | 'start' | 'end'>;
  readonly onEnterOther?: (from: From) => void;
  readonly children: ReactNode;
}): ReactNode {
  const { bridge, onEnterOther, children } = props;
  const inside = useRef<HTMLDivElement>(null);
  const lastInside = useRef<HTMLElement | null>(null);
  const lastTab = useRef<Direction | null>(null);

  useEffect(() => {
    const note = (event: KeyboardEvent): void => {
      if (event.key === 'Tab') lastTab.current = event.shiftKey ? 'backward' : 'forward';
    };
    const forget = (): void => {
      lastTab.current = null;
    };
    document.addEventListener('keydown', note, true);
    document.addEventListener('pointerdown', forget, true);
    window.addEventListener('blur', forget);
    return () => {
      document.removeEventListener('keydown', note, true);
      document.removeEventListener('pointerdown', forget, true);
      window.removeEventListener('blur', forget);
    };
  }, []);

  useEffect(
    () =>
      bridge.onEnter(({ from }) => {
        if (from === 'start') focusEnd(inside.current, 'first');
        else if (from === 'end') focusEnd(inside.current, 'last');
        else onEnterOther?.(from);
      }),
    [bridge, onEnterOther],
  );

  function reach(edge: Direction, event: FocusEvent<HTMLElement>): void {
    if (lastTab.current !== edge) {
      focusAgain(inside.current, lastInside.current, edge === 'forward' ? 'last' : 'first');
      return;
    }
    event.currentTarget.blur();
    act(bridge.leave({ direction: edge }));
  }

  return (
    <>
      <span
        className="focus-edge top-0 left-0"
        tabIndex={0}
        data-focus-edge="start"
        onFocus={(event) => {
          reach('backward', event);
        }}
      />
      <div
        ref={inside}
        className="contents"
        onFocus={(event) => {
          lastInside.current = event.target;
        }}
      >
        {children}
      </div>
      <span
        className="focus-edge bottom-0 left-0"
        tabIndex={0}
        data-focus-edge="end"
        onFocus={(event) => {
          reach('forward', event);
        }}
      />
    </>
  );
}
