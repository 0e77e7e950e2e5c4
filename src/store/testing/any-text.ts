import fc from 'fast-check';

/** Any code point, lone surrogates included. (fast-check's own `binary` unit takes seconds to build its table.) */
export const anyCharacter: fc.Arbitrary<string> = fc
  .oneof(
    fc.integer({ min: 0, max: 0x7f }),
    fc.integer({ min: 0, max: 0x10_ff_ff }),
    fc.constantFrom(
      0x200b,
      0x2028,
      0x202e,
      0x0301,
      0x0316,
      0xff9e,
      0xd800,
      0xdfff,
      0xfeff,
      0xfdfa,
      0x1f3fb,
    ),
  )
  .map((code) => String.fromCodePoint(code));

/** Any text of up to `maxLength` code points. */
export function anyText(maxLength = 200): fc.Arbitrary<string> {
  return fc.string({ unit: anyCharacter, maxLength });
}
