/** The words of the link between the two guardians of a pair. */
import type { PeerPort } from '../ports.ts';

/**
 * Why a datagram was not taken. `forged`: its tag is not of our secret. `other-session`: it belongs to an earlier life of
 * one of the two. `not-understood`: it is genuine, but says nothing that this version knows.
 */
export const peerDrops = [
  'malformed',
  'forged',
  'replayed',
  'other-session',
  'not-understood',
] as const;
export type PeerDrop = (typeof peerDrops)[number];

export interface PeerLinkState {
  /** `up`: a session is there, and the peer was heard in it lately. */
  readonly kind: 'up' | 'down';
  /** When the peer was last heard in a session, on the boot clock; null: never. */
  readonly lastHeardMs: number | null;
  readonly dropped: Readonly<Record<PeerDrop, number>>;
}

/** Carries messages to the peer and back. Messages may be lost; none is heard twice, late, or from anybody else. */
export interface PeerLink extends PeerPort {
  state(): PeerLinkState;
  close(): void;
}

/** A way to get datagrams to the peer's address. Any of them may be lost, doubled or late. */
export interface Datagrams {
  send(datagram: Uint8Array): void;
  /** What is wrong with it, in words; empty when nothing is known to be. */
  problem(): string;
  close(): void;
}

export type OpenDatagrams = (onDatagram: (datagram: Uint8Array) => void) => Datagrams;

/** The HMAC-SHA256 (32 bytes) of what this side sends and of what the peer sends; their keys differ. */
export interface PeerSeals {
  readonly ours: (bytes: Uint8Array) => Uint8Array;
  readonly theirs: (bytes: Uint8Array) => Uint8Array;
}
