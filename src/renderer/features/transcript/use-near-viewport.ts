import { useEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';

const callbacks = new WeakMap<Element, () => void>();
const observer = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) callbacks.get(entry.target)?.();
    }
  },
  // Not rootMargin: the list that scrolls would clip it away.
  { scrollMargin: '1600px 0px' },
);

/**
 * Whether the element has been near the window's visible part, once and for all. So a thousand messages open as plain
 * text at once, and each is parsed when the person comes near it. `initially` skips the wait.
 */
export function useNearViewport(initially: boolean): {
  readonly ref: RefObject<HTMLDivElement | null>;
  readonly near: boolean;
} {
  const ref = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(initially);
  useEffect(() => {
    const element = ref.current;
    if (near || element === null) return undefined;
    callbacks.set(element, () => {
      setNear(true);
    });
    observer.observe(element);
    return () => {
      observer.unobserve(element);
    };
  }, [near]);
  return { ref, near };
}
