import type { Result } from '../base/index.ts';

/** A backup of one gateway, made and verified by OpenClaw. */
export interface GatewayBackup {
  readonly gatewayId: string;
  /** The archive. */
  readonly path: string;
  readonly bytes: number;
  readonly madeAtMs: number;
  /** The OpenClaw that made it. */
  readonly version: string;
}

/** A part of an archive: what it was, and where it lies in the archive. */
export interface BackedUpPart {
  readonly kind: string;
  readonly sourcePath: string;
  readonly archivePath: string;
}

export interface BackupFailure {
  readonly kind: 'cancelled' | 'no-space' | 'no-runtime' | 'refused';
  /** What OpenClaw or the system said. */
  readonly detail: string;
}

export interface GatewayBackups {
  /** Whether a gateway has anything that could be backed up: one that never ran has not. */
  hasState(gatewayId: string): Promise<boolean>;
  /**
   * Makes one and verifies it; never rejects. `wrote` hears now and then how many bytes the archive has so far. `notes`
   * makes the text that is put beside the archive, for whoever has to restore it.
   */
  make(
    gatewayId: string,
    options: {
      readonly signal: AbortSignal;
      readonly wrote: (bytes: number) => void;
      readonly notes: (backup: GatewayBackup, parts: readonly BackedUpPart[]) => string;
    },
  ): Promise<Result<GatewayBackup, BackupFailure>>;
  /** The ones there are, newest first. */
  list(gatewayId: string): Promise<readonly GatewayBackup[]>;
  /** How a person runs OpenClaw, for the notes: the program and what comes before its own words. */
  readonly command: string;
}
