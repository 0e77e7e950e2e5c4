import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { canonicalJson } from './canonical-json.ts';
import {
  draftLabel,
  editSpans,
  foreignSpans,
  labelOf,
  typedLabel,
  unionOf,
  unknownLabel,
  type Edit,
  type Span,
} from './label.ts';

const personal = labelOf('personal');

describe('labels', () => {
  it('join by union', () => {
    expect(unionOf([typedLabel, personal, labelOf('work'), personal])).toEqual({
      sec: ['personal', 'work'],
      via: ['domain:personal', 'domain:work', 'user'],
    });
    expect(unionOf([])).toEqual({ sec: [], via: [] });
    expect(unknownLabel).toEqual({ sec: ['personal'], via: ['ext'] });
  });
});

describe('the spans of a draft', () => {
  it('keep their label however the text around and inside them is edited', () => {
    const edits: readonly Edit[] = [
      { at: 0, removed: 0, inserted: 10, label: typedLabel },
      { at: 10, removed: 0, inserted: 8, label: personal },
      { at: 0, removed: 4, inserted: 0, label: typedLabel },
      { at: 8, removed: 2, inserted: 1, label: typedLabel },
    ];
    const spans = edits.reduce<readonly Span[]>(editSpans, []);
    expect(spans).toEqual([
      { start: 0, end: 6, label: typedLabel },
      { start: 6, end: 8, label: personal },
      { start: 8, end: 9, label: typedLabel },
      { start: 9, end: 13, label: personal },
    ]);
    expect(draftLabel(spans).sec).toEqual(['personal']);
    expect(foreignSpans(spans, 'work').map(({ start, end }) => [start, end])).toEqual([
      [6, 8],
      [9, 13],
    ]);
    expect(foreignSpans(spans, 'personal')).toEqual([]);
    expect(editSpans(spans, { at: 0, removed: 13, inserted: 0, label: typedLabel })).toEqual([]);
  });

  it('say of each character what a list of labels says that is edited the same way', () => {
    const step = fc.record({
      at: fc.nat(20),
      removed: fc.nat(6),
      inserted: fc.nat(6),
      isPersonal: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let spans: readonly Span[] = [];
        const letters: string[] = [];
        for (const { at, removed, inserted, isPersonal } of steps) {
          const place = Math.min(at, letters.length);
          const gone = Math.min(removed, letters.length - place);
          const label = isPersonal ? personal : typedLabel;
          letters.splice(place, gone, ...Array.from({ length: inserted }, () => label.sec.join()));
          spans = editSpans(spans, { at: place, removed: gone, inserted, label });
        }
        expect(
          spans.flatMap(({ start, end, label }) =>
            Array.from({ length: end - start }, () => label.sec.join()),
          ),
        ).toEqual(letters);
        expect(
          spans.every(({ end }, index) => end === (spans[index + 1]?.start ?? letters.length)),
        ).toBe(true);
      }),
    );
  });
});

describe('canonical JSON', () => {
  it('is one text for equal values, and another for others', () => {
    expect(canonicalJson({ b: [1, null, true], a: { d: 'x"\n', c: 0 } })).toBe(
      '{"a":{"c":0,"d":"x\\"\\n"},"b":[1,null,true]}',
    );
    expect(canonicalJson({ a: 1, b: 2 })).toBe(canonicalJson({ b: 2, a: 1 }));
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        const same =
          JSON.stringify(JSON.parse(canonicalJson(left as never))) ===
          JSON.stringify(JSON.parse(canonicalJson(right as never)));
        expect(canonicalJson(left as never) === canonicalJson(right as never)).toBe(same);
      }),
    );
  });
});
