import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';

const armAfterMs = 1000;

export interface Arming {
  readonly armed: boolean;
  /** Rises each time it begins anew. */
  readonly round: number;
}

/**
 * False for the first second after `key` changes, and after the window gets the focus: a press that was meant for what was
 * there before must not hit what is there now.
 */
export function useArming(key: string): Arming {
  const [armedFor, setArmedFor] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const begin = (): void => {
      clearTimeout(timer);
      setArmedFor(null);
      setRound((count) => count + 1);
      timer = setTimeout(() => {
        setArmedFor(key);
      }, armAfterMs);
    };
    begin();
    window.addEventListener('focus', begin);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('focus', begin);
    };
  }, [key]);
  return { armed: armedFor === key, round };
}

/**
 * A button for what lets something through. It acts on a press that began while it was armed; a key held down is none.
 * Until then it is dimmed, with a ring that runs out, and keeps its place in the tab order.
 */
export function ArmedButton(props: {
  readonly arming: Arming;
  readonly label: string;
  readonly busy?: boolean;
  readonly describedBy?: string;
  readonly className?: string;
  readonly onPress: () => void;
}): ReactNode {
  const { arming, label, busy = false, describedBy, className = 'button-primary', onPress } = props;
  const ready = arming.armed && !busy;
  /** Whether it was ready when the press began; null: no press is on. */
  const began = useRef<boolean | null>(null);
  return (
    <button
      type="button"
      aria-disabled={!ready}
      aria-describedby={describedBy}
      className={`button ${className} aria-disabled:opacity-60`}
      onPointerDown={() => {
        began.current = ready;
      }}
      onKeyDown={(event) => {
        if (event.repeat) event.preventDefault();
        else began.current = ready;
      }}
      onClick={() => {
        const mayAct = began.current !== false;
        began.current = null;
        if (ready && mayAct) onPress();
      }}
    >
      {!arming.armed && (
        <svg key={arming.round} aria-hidden viewBox="0 0 12 12" className="size-3 -rotate-90">
          <circle
            cx="6"
            cy="6"
            r="4.5"
            fill="none"
            stroke="currentColor"
            strokeWidth="2"
            pathLength={1}
            strokeDasharray="1 1"
            className="animate-run-out"
          />
        </svg>
      )}
      {label}
    </button>
  );
}
