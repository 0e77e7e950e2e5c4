import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { emptyAppState } from './app-state.ts';
import type { AppState } from './app-state.ts';
import { layoutWindow, metrics } from './layout.ts';
import type { Rect } from './layout.ts';

function state(panes: number, ui: Partial<AppState['ui']> = {}): AppState {
  return {
    ...emptyAppState,
    panes: Array.from({ length: panes }, (_, index) => ({
      id: `p${index}`,
      name: `P${index}`,
      domain: 'personal',
      memberIds: [`g${index}`],
      activeGatewayId: `g${index}`,
      pairId: null,
      sessionKey: '',
      running: false,
    })),
    ui: { ...emptyAppState.ui, ...ui },
  };
}

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe('the window’s layout', () => {
  test('panes fill the width between rail and edge, side by side', () => {
    const { panes, composer } = layoutWindow({ width: 1280, height: 800 }, state(2));
    expect(panes.map((pane) => [pane.pane.x, pane.pane.width])).toEqual([
      [60, 610],
      [671, 609],
    ]);
    expect(panes[0]?.pane.height).toBe(800 - metrics.composer);
    expect(composer.y).toBe(800 - metrics.composer);
  });

  test('one at a time shows the focused pane only', () => {
    const shown = layoutWindow(
      { width: 1280, height: 800 },
      state(3, { paneMode: 'single', focusedPaneId: 'p1' }),
    ).panes;
    expect(shown.map((pane) => pane.paneId)).toEqual(['p1']);
  });

  test('a panel lies beside the panes in a wide window and over them in a narrow one', () => {
    const wide = layoutWindow({ width: 1280, height: 800 }, state(2, { panel: 'rules' }));
    expect(wide.panel?.x).toBe(1280 - metrics.panel);
    expect(wide.panes.some((pane) => wide.panel !== null && overlap(pane.pane, wide.panel))).toBe(
      false,
    );
    const narrow = layoutWindow({ width: 800, height: 600 }, state(2, { panel: 'rules' }));
    expect(narrow.panel).toMatchObject({ x: metrics.rail, width: 800 - metrics.rail });
  });

  test('panes never overlap each other or the composer, and a view lies inside its pane', () => {
    const modes = fc.constantFrom<AppState['ui']['paneMode']>('columns', 'rows', 'single');
    const panels = fc.constantFrom<AppState['ui']['panel']>(null, 'trust');
    fc.assert(
      fc.property(
        fc.integer({ min: 300, max: 4000 }),
        fc.integer({ min: 200, max: 3000 }),
        fc.integer({ min: 0, max: 6 }),
        modes,
        panels,
        (width, height, count, paneMode, panel) => {
          const { panes, composer } = layoutWindow(
            { width, height },
            state(count, { paneMode, panel }),
          );
          for (const [index, { pane, view }] of panes.entries()) {
            expect(overlap(pane, composer)).toBe(false);
            expect(view.height).toBeGreaterThanOrEqual(0);
            expect(view.x).toBe(pane.x);
            expect(panes.slice(index + 1).some((other) => overlap(pane, other.pane))).toBe(false);
          }
        },
      ),
    );
  });
});
