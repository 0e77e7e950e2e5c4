import type { Result } from '../base/index.ts';
import type {
  AppError,
  BoundaryView,
  DomainId,
  FailoverEvent,
  GatewayView,
  PairCommandName,
  PairTestStep,
  PairView,
} from '../shared/index.ts';
import type { PairDns, PairRegister } from '../store/index.ts';
import type { Invitation } from './pair-code.ts';
import type { TrustFolder } from '../trust/index.ts';
import type { MeasuredPlace } from './boundary.ts';
import type { JoinContent } from './pair-join.ts';

/** What the guardian tells the app; `detached` means that for now nobody watches. */
export type GuardianMessage =
  | { readonly kind: 'status'; readonly pairs: readonly PairView[] }
  | { readonly kind: 'event'; readonly pairId: string; readonly event: FailoverEvent }
  | { readonly kind: 'detached'; readonly reason: string };

/** The guardian as the app sees it; attached from the moment it is handed over. */
export interface Guardian {
  on(listener: (message: GuardianMessage) => void): () => void;
  /** A token is new: hands them over again. */
  refreshCredentials(): void;
  /** Asks for a change of a pair and waits for what comes of it, in words. */
  command(pairId: string, command: PairCommandName): Promise<Result<string, string>>;
  /** Detaches; the guardian goes on. */
  stop(): Promise<void>;
  /** Ends the guardian. */
  shutdown(): Promise<void>;
}

/** Why no guardian runs for the pairs, and what its register says of each nevertheless. */
export interface MissingGuardian {
  readonly missing: string;
  /** Who was active last, by pair; `null` where the register cannot be understood, so that nobody may be taken for active. */
  readonly holders: Readonly<Record<string, string | null>>;
}

/**
 * Finds out how the pairs of the settings, as they are now, can be guarded. `attach` attaches to the guardian, or starts
 * it. Where there is no pair, a guardian that an earlier run left is ended. `secret` gives what the guardian may ask for:
 * the token of a gateway, by its id, or a pair's secret, by `pair/<pair>/<what>`.
 */
export type FindGuardian = (
  secret: (id: string) => Promise<string | null>,
) => Promise<{ readonly attach: () => Guardian } | MissingGuardian>;

/** What a test of a set-up needs to reach: a register or a DNS provider, with its secret. */
export type PairTest =
  | {
      readonly part: 'register';
      /** What the pair will be called there. */
      readonly pairId: string;
      readonly register: PairRegister;
      readonly secret: string;
    }
  | {
      readonly part: 'dns';
      readonly dns: PairDns;
      /** Null for a provider that needs none. */
      readonly secret: string | null;
      /** What the name may say: the addresses of the two computers. */
      readonly addresses: readonly string[];
    };

/** What the guided set-up needs of this machine. */
export interface PairSetupHost {
  /** Addresses of this computer in its networks; the loopback is none. */
  addresses(): readonly string[];
  portIsFree(port: number): Promise<boolean>;
  /** Whether the program git can be run here. */
  hasGit(): Promise<boolean>;
  /** Tries it out without changing anything that lasts; never rejects. */
  test(test: PairTest): Promise<readonly PairTestStep[]>;
  /** Offers it at an address of this computer, under a code of its own; rejects where it cannot listen there. */
  offer(
    content: JoinContent,
    address: string,
    ended: (how: 'taken' | 'guessed' | 'expired') => void,
  ): Promise<{
    readonly code: string;
    readonly port: number;
    readonly lastsMs: number;
    close(): void;
  }>;
  /** Writes files into a folder of this name that only this user may read; answers its path. */
  writeJoin(
    folder: string,
    files: readonly { readonly name: string; readonly text: string }[],
  ): Promise<string>;
}

/** What joining a pair of another computer needs of this machine. Folders are named by what came; they are in the profile. */
export interface JoinHost {
  /** The folder that Switchyard lies in. */
  readonly program: string;
  /** Takes what is offered under a code, until the signal ends it; never rejects. What went wrong is said in words. */
  take(invitation: Invitation, signal: AbortSignal): Promise<Result<JoinContent, string>>;
  /** Where a folder is, or would be. */
  look(folder: string): Promise<{ readonly path: string; readonly isThere: boolean }>;
  /** Writes files that only this user may read, in place of those of before; answers the folder's path. */
  write(folder: string, files: JoinContent['files']): Promise<string>;
  /** Writes one of them anew. */
  writeFile(folder: string, file: JoinContent['files'][number]): Promise<void>;
}

/** A gateway whose agents may have the tools, and whom they may ask with them. */
export interface ToolsClient {
  readonly gatewayId: string;
  readonly domain: DomainId;
  readonly to: readonly DomainId[];
}

/** Gives agents the tools by which they ask and tell other domains. */
export interface AgentToolsHost {
  state(): { readonly way: 'socket' | 'http' | 'closed'; readonly problem: string | null };
  /**
   * These have them from now on, and no others: their tokens, and the configuration of those that we run (`managed`).
   * Fails when something of it could not be written.
   */
  give(clients: readonly ToolsClient[], managed: readonly string[]): Result<null, AppError>;
  /** What to add by hand to the configuration of a gateway that we do not run. */
  text(client: ToolsClient): Result<string, AppError>;
  close(): Promise<void>;
}

/** What trust needs of this machine. */
export interface TrustHost extends TrustFolder {
  readonly agentTools: AgentToolsHost;
  readonly keyring: BoundaryView['keyring'];
  /** Where these gateways run, by what this machine shows; never rejects. */
  places(gateways: readonly GatewayView[]): Promise<readonly MeasuredPlace[]>;
}
