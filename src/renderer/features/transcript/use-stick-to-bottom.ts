/**
 * Keeps a growing list at its end, until the person scrolls up.
 *
 * 1. Only a scroll towards the start lets go: growth alone also leaves the end behind, and must not.
 * 2. Being near the end takes hold again.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';

const nearPixels = 48;

export function useStickToBottom(): {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  readonly atEnd: boolean;
  readonly toEnd: () => void;
} {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const held = useRef(true);
  const [atEnd, setAtEnd] = useState(true);

  const toEnd = useCallback(() => {
    held.current = true;
    setAtEnd(true);
    const box = scroller.current;
    if (box !== null) box.scrollTop = box.scrollHeight;
  }, []);

  useEffect(() => {
    const box = scroller.current;
    const inner = content.current;
    if (box === null || inner === null) return undefined;
    let lastTop = box.scrollTop;
    const follow = (): void => {
      if (held.current) box.scrollTop = box.scrollHeight;
    };
    const note = (): void => {
      const near = box.scrollHeight - box.scrollTop - box.clientHeight < nearPixels;
      if (near) held.current = true;
      else if (box.scrollTop < lastTop) held.current = false; // 1
      lastTop = box.scrollTop;
      setAtEnd(held.current);
    };
    const sizes = new ResizeObserver(follow);
    sizes.observe(box);
    sizes.observe(inner);
    box.addEventListener('scroll', note, { passive: true });
    follow();
    return () => {
      sizes.disconnect();
      box.removeEventListener('scroll', note);
    };
  }, []);

  return { scroller, content, atEnd, toEnd };
}
