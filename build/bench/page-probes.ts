/** Functions that run inside a page (see devtools.ts): each is whole in itself and imports nothing but types. */
import type { AppState, Reply } from '../../src/shared/index.ts';

/** Wall milliseconds, on the scale of `performance.timeOrigin`. */
export interface Appearance {
  readonly paintedAtMs: number;
  /** When a person could first type; null when nothing was to be typed into. */
  readonly editableAtMs: number | null;
  /** It was there before we looked, so `editableAtMs` is when we looked. */
  readonly isLate: boolean;
}

/** Waits for the first contentful paint and, if `label` is given, until the text box of that name can be typed into. */
export async function watchAppearance(label: string | null): Promise<Appearance> {
  const nowMs = (): number => performance.timeOrigin + performance.now();
  const isEditable = (): boolean => {
    const box = document.querySelector<HTMLTextAreaElement>(
      `textarea[aria-label="${label ?? ''}"]`,
    );
    return (
      box !== null &&
      box.checkVisibility() &&
      !box.disabled &&
      !box.readOnly &&
      box.closest('[inert]') === null
    );
  };
  const isLate = label !== null && isEditable();
  const editable = new Promise<number | null>((resolve) => {
    if (label === null) resolve(null);
    else if (isLate) resolve(nowMs());
    else {
      const observer = new MutationObserver(() => {
        if (!isEditable()) return;
        observer.disconnect();
        resolve(nowMs());
      });
      observer.observe(document, { subtree: true, childList: true, attributes: true });
    }
  });
  const painted = new Promise<number>((resolve) => {
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntriesByName('first-contentful-paint')) {
        observer.disconnect();
        resolve(performance.timeOrigin + entry.startTime);
      }
    });
    observer.observe({ type: 'paint', buffered: true });
  });
  return { paintedAtMs: await painted, editableAtMs: await editable, isLate };
}

/** Waits until every gateway is ready; resolves to the wall milliseconds then. */
export async function watchGateways(pauseMs: number): Promise<number> {
  const bridge = (
    window as never as {
      readonly switchyard: { readonly state: { readonly get: () => Promise<Reply<AppState>> } };
    }
  ).switchyard;
  for (;;) {
    const reply = await bridge.state.get();
    if (reply.ok && reply.value.gateways.every((gateway) => gateway.state.phase === 'ready'))
      return performance.timeOrigin + performance.now();
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

export interface CallTimes {
  /** One a call. The page's clock moves in steps of 100 µs, so a single value is that coarse. */
  readonly samplesUs: readonly number[];
  /** Over all calls, and so exact. */
  readonly meanUs: number;
}

/** Calls a function of the page (`area.method` from `window` on) once an input, one after the other, and times each. */
export async function timeCalls(options: {
  readonly call: string;
  readonly inputs: readonly unknown[];
}): Promise<CallTimes> {
  const call = options.call
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], window) as (
    input: unknown,
  ) => Promise<unknown>;
  const samplesUs: number[] = [];
  const beganMs = performance.now();
  for (const input of options.inputs) {
    const calledMs = performance.now();
    const reply = await call(input);
    samplesUs.push(Math.round((performance.now() - calledMs) * 1_000));
    if ((reply as { readonly ok?: boolean } | null)?.ok === false)
      throw new Error(`${options.call}: ${JSON.stringify(reply)}`);
  }
  const meanUs = ((performance.now() - beganMs) * 1_000) / options.inputs.length;
  return { samplesUs, meanUs };
}
