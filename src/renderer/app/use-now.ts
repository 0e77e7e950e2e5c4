import { useEffect, useState } from 'react';

const tickMs = 1000;

/** The wall time, fresh each second while `ticking`; otherwise as it was when last asked. */
export function useNow(ticking: boolean): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    if (!ticking) return undefined;
    const timer = setInterval(() => {
      setNowMs(Date.now());
    }, tickMs);
    return () => {
      clearInterval(timer);
    };
  }, [ticking]);
  return nowMs;
}
