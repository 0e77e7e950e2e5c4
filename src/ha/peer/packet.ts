/**
 * The layout of a datagram between guardians. Pure: who may have written it is `session.ts`' business.
 *
 * | bytes | |
 * |---|---|
 * | 1 | version, 1 |
 * | 1 | kind: 1 hello, 2 data |
 * | 16 | the sender's session nonce |
 * | 16 | the receiver's session nonce as the sender knows it; zeros: not known |
 * | 8 | counter of the sender, big-endian |
 * | 0 to 1,126 | body: a message as JSON in UTF-8, or nothing |
 * | 32 | HMAC-SHA256 of all the bytes before |
 */

/** Fits into one frame of every usual link, so that no datagram is cut into pieces. */
export const maxDatagramBytes = 1_200;

/** The receiver's nonce where it is not known yet. */
export const noNonce = '0'.repeat(32);

const version = 1;
const headBytes = 42;
const tagBytes = 32;
const kinds = { hello: 1, data: 2 } as const;

export interface Packet {
  readonly kind: keyof typeof kinds;
  /** Nonces are 32 lower-case hexadecimal digits. */
  readonly from: string;
  readonly to: string;
  readonly counter: number;
  readonly body: Uint8Array;
}

/** A packet as it came: what its tag must be of, and its tag. */
export interface ReceivedPacket {
  readonly packet: Packet;
  readonly signed: Uint8Array;
  readonly tag: Uint8Array;
}

/** Writes a packet; null when it would be longer than a datagram may be. */
export function writePacket(
  packet: Packet,
  seal: (bytes: Uint8Array) => Uint8Array,
): Uint8Array | null {
  const signedBytes = headBytes + packet.body.length;
  if (signedBytes + tagBytes > maxDatagramBytes) return null;
  const datagram = new Uint8Array(signedBytes + tagBytes);
  datagram[0] = version;
  datagram[1] = kinds[packet.kind];
  datagram.set(nonceBytes(packet.from), 2);
  datagram.set(nonceBytes(packet.to), 18);
  new DataView(datagram.buffer).setBigUint64(34, BigInt(packet.counter));
  datagram.set(packet.body, headBytes);
  datagram.set(seal(datagram.subarray(0, signedBytes)), signedBytes);
  return datagram;
}

/** Takes a datagram apart; null when it is no packet of this version. Nothing in it may be believed yet. */
export function readPacket(datagram: Uint8Array): ReceivedPacket | null {
  const signedBytes = datagram.length - tagBytes;
  if (signedBytes < headBytes || datagram.length > maxDatagramBytes) return null;
  if (datagram[0] !== version) return null;
  const kind = datagram[1] === kinds.hello ? 'hello' : datagram[1] === kinds.data ? 'data' : null;
  if (kind === null) return null;
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  const counter = view.getBigUint64(34);
  if (counter > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  return {
    packet: {
      kind,
      from: nonceText(datagram.subarray(2, 18)),
      to: nonceText(datagram.subarray(18, 34)),
      counter: Number(counter),
      body: datagram.subarray(headBytes, signedBytes),
    },
    signed: datagram.subarray(0, signedBytes),
    tag: datagram.subarray(signedBytes),
  };
}

/** Compares without telling by its duration how much of it is right. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  a.forEach((byte, index) => (difference |= byte ^ (b[index] ?? 0)));
  return difference === 0;
}

function nonceBytes(nonce: string): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, index) =>
    Number.parseInt(nonce.slice(2 * index, 2 * index + 2), 16),
  );
}

function nonceText(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
