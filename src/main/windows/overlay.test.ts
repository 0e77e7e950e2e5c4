import { describe, expect, test, vi } from 'vitest';

import { createOverlay, overlayBounds } from './overlay.ts';
import type { OverlayPlacement } from './overlay.ts';

const link = {
  kind: 'link',
  url: 'https://example.com/',
  host: 'example.com',
  from: 'Acme',
  domain: { id: 'work', name: 'Work', colour: 'indigo' },
} as const;
const size = { width: 1000, height: 700 };

function opened() {
  const placements: OverlayPlacement[] = [];
  const overlay = createOverlay((_state, placement) => placements.push(placement));
  return { overlay, last: () => placements.at(-1) };
}

describe('the overlay', () => {
  test('a dialog takes the palette’s place, and the palette never a dialog’s', () => {
    const { overlay } = opened();
    overlay.openPalette([]);
    overlay.openDialog(link, () => undefined);
    overlay.openPalette([]);
    expect(overlay.state()).toMatchObject({ palette: null, dialog: link });
  });

  test('an answer runs once; closing is a refusal', () => {
    const { overlay } = opened();
    const answer = vi.fn();
    overlay.openDialog(link, answer);
    overlay.confirm('yes');
    overlay.confirm('again');
    expect(answer.mock.calls).toEqual([['yes']]);
    const refused = vi.fn();
    overlay.openDialog(link, refused);
    overlay.close();
    overlay.confirm(null);
    expect(refused).not.toHaveBeenCalled();
  });

  test('an open dialog stays: another neither replaces it nor takes its answer', () => {
    const { overlay } = opened();
    const token = vi.fn();
    expect(
      overlay.openDialog(
        { kind: 'token', gatewayId: 'acme', gatewayName: 'Acme', domain: link.domain },
        token,
      ),
    ).toBe(true);
    const other = vi.fn();
    expect(overlay.openDialog(link, other)).toBe(false);
    expect(overlay.state().dialog).toMatchObject({ kind: 'token' });
    overlay.confirm('s3cret');
    expect(token.mock.calls).toEqual([['s3cret']]);
    expect(other).not.toHaveBeenCalled();
    expect(overlay.openDialog(link, other)).toBe(true);
  });

  test('lies over the window for a question, in a corner for toasts, and nowhere for nothing', () => {
    const { overlay, last } = opened();
    overlay.openDialog(link, () => undefined);
    expect(overlayBounds(last() as OverlayPlacement, size)).toEqual({ x: 0, y: 0, ...size });
    overlay.close();
    expect(overlayBounds(last() as OverlayPlacement, size)).toBeNull();
    overlay.toast({ id: '1', tone: 'info', text: 'hello' });
    const corner = overlayBounds(last() as OverlayPlacement, size);
    expect(corner?.width).toBeLessThan(size.width / 2);
    overlay.dismiss('1');
    expect(last()).toEqual({ kind: 'none' });
  });
});
