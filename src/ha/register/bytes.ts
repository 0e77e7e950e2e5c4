/** Small tools for bytes on the wire (network order), without Node. */

/** Joins pieces into one array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

export function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** 48 bits, as TSIG counts seconds; `value` is below 2^48. */
export function uint48(value: number): Uint8Array {
  return concatBytes(uint16(Math.floor(value / 2 ** 32)), uint32(value % 2 ** 32));
}

/** Compares without telling, by the time it takes, where the first difference is. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  let difference = left.length ^ right.length;
  for (let index = 0; index < left.length; index += 1)
    difference |= (left[index] ?? 0) ^ (right[index] ?? 0);
  return difference === 0;
}

/** Thrown by a reader at data that cannot be what it should; caught by the decoder that made the reader. */
export class MalformedError extends Error {}

/** Reads bytes from front to back; throws `MalformedError` past the end. */
export interface ByteReader {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly isAtEnd: boolean;
  uint8(): number;
  uint16(): number;
  uint32(): number;
  uint48(): number;
  take(length: number): Uint8Array;
}

/** Makes a reader that stands at `start`. */
export function readBytes(bytes: Uint8Array, start = 0): ByteReader {
  let offset = start;
  const take = (length: number): Uint8Array => {
    if (offset + length > bytes.length) throw new MalformedError('it is cut short');
    offset += length;
    return bytes.subarray(offset - length, offset);
  };
  const number = (length: number): number =>
    take(length).reduce((value, byte) => value * 256 + byte, 0);
  return {
    bytes,
    get offset() {
      return offset;
    },
    get isAtEnd() {
      return offset === bytes.length;
    },
    uint8: () => number(1),
    uint16: () => number(2),
    uint32: () => number(4),
    uint48: () => number(6),
    take,
  };
}
