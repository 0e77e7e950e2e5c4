import { metrics } from '../../shared/index.ts';
import type { Dialog, OverlayState, PaletteCommand, Rect, Toast } from '../../shared/index.ts';

/** Where the overlay lies: over everything while something asks for an answer, in a corner for toasts, else nowhere. */
export type OverlayPlacement =
  | { readonly kind: 'none' }
  | { readonly kind: 'modal' }
  | { readonly kind: 'toasts'; readonly count: number };

const toastWidth = 400;
const toastHeight = 76;

/** The overlay's bounds in the window; null when it is not shown, so that it never takes a click meant for a pane. */
export function overlayBounds(
  placement: OverlayPlacement,
  size: { readonly width: number; readonly height: number },
): Rect | null {
  if (placement.kind === 'none') return null;
  if (placement.kind === 'modal') return { x: 0, y: 0, ...size };
  const height = Math.min(size.height, placement.count * toastHeight + 16);
  const width = Math.min(size.width, toastWidth);
  return {
    x: size.width - width,
    y: Math.max(0, size.height - metrics.composer - height),
    width,
    height,
  };
}

/**
 * What the overlay shows.
 *
 * Invariants
 * 1. At most one of palette and dialog is open; a dialog replaces the palette, never the other way round.
 * 2. A dialog's answer runs once; closing it any other way is a refusal.
 * 3. An open dialog stays until the person has answered or closed it: no other takes its place under their hands.
 */
export interface Overlay {
  state(): OverlayState;
  openPalette(commands: readonly PaletteCommand[]): void;
  /**
   * Returns whether it opened; it does not while another is open. `answer` gets what the person gave (null for a plain
   * yes); when they close the dialog, `closed` is called in its place.
   */
  openDialog(dialog: Dialog, answer: (value: string | null) => void, closed?: () => void): boolean;
  confirm(value: string | null): void;
  close(): void;
  toast(toast: Toast): void;
  dismiss(id: string): void;
}

/** Makes an empty overlay; `changed` is called after each change with where it lies now. */
export function createOverlay(
  changed: (state: OverlayState, placement: OverlayPlacement) => void,
): Overlay {
  let state: OverlayState = { palette: null, dialog: null, toasts: [] };
  let answer: ((value: string | null) => void) | null = null;
  let closed: (() => void) | undefined;
  const set = (next: OverlayState): void => {
    state = next;
    const modal = state.palette !== null || state.dialog !== null;
    changed(
      state,
      modal
        ? { kind: 'modal' }
        : state.toasts.length > 0
          ? { kind: 'toasts', count: state.toasts.length }
          : { kind: 'none' },
    );
  };
  return {
    state: () => state,
    openPalette: (palette) => {
      if (state.dialog === null) set({ ...state, palette });
    },
    openDialog: (dialog, give, giveUp) => {
      if (state.dialog !== null) return false; // invariant 3
      answer = give;
      closed = giveUp;
      set({ ...state, palette: null, dialog });
      return true;
    },
    confirm: (value) => {
      const give = answer;
      answer = null;
      closed = undefined;
      set({ ...state, dialog: null });
      give?.(value);
    },
    close: () => {
      const giveUp = closed;
      answer = null;
      closed = undefined;
      set({ ...state, palette: null, dialog: null });
      giveUp?.();
    },
    toast: (toast) => {
      set({
        ...state,
        toasts: [...state.toasts.filter((shown) => shown.id !== toast.id), toast].slice(-3),
      });
    },
    dismiss: (id) => {
      set({ ...state, toasts: state.toasts.filter((toast) => toast.id !== id) });
    },
  };
}
