import type { Bridge, Surface } from '../../shared/index.ts';

declare global {
  interface Window {
    /** Put there by the preload; which surface it is depends on the page. */
    readonly switchyard: unknown;
  }
}

/** The page's only way out: the calls and events of its surface. */
export function getBridge<S extends Surface>(): Bridge<S> {
  return window.switchyard as Bridge<S>;
}
