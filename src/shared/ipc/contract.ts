import { z } from 'zod';

import type { Result } from '../../base/index.ts';
import type { AppState, PaneMode, PanelId } from '../app-state.ts';
import type { AppError } from '../errors.ts';
import { failoverProfiles, pairCommands } from '../model.ts';
import type {
  ConnectionState,
  Domain,
  RouteDecision,
  SessionSummary,
  TranscriptMessage,
  TrustDecision,
} from '../model.ts';
import type { BackupView, SingleAgain } from '../pair-backup.ts';
import { filesWays, pairSecrets, tsigAlgorithms } from '../pair-setup.ts';
import type {
  FilesChoice,
  JoinDone,
  JoinFiles,
  JoinOffer,
  JoinPreview,
  PairForm,
  PairSetupOptions,
  PairTestStep,
  PairWorkspace,
} from '../pair-setup.ts';
import { crossingActions } from '../trust-view.ts';
import type { AuditView, SendConfirmation } from '../trust-view.ts';
import type { Channels, Surface } from './channels.ts';

/** A call: what main accepts (checked at run time) and what it answers (checked by the compiler). */
export interface Call<Input extends z.ZodType = z.ZodType, Output = unknown> {
  readonly kind: 'invoke';
  readonly input: Input;
  /** Never set; carries the type. */
  readonly output?: Output;
}

/** Something main tells a renderer. */
export interface Event<Payload = unknown> {
  readonly kind: 'event';
  /** Never set; carries the type. */
  readonly payload?: Payload;
}

function call<Output>() {
  return <Input extends z.ZodType>(input: Input): Call<Input, Output> => ({
    kind: 'invoke',
    input,
  });
}

function event<Payload>(): Event<Payload> {
  return { kind: 'event' };
}

const nothing = z.undefined();
const id = z.string().min(1).max(200);
const text = z.string().max(200_000);
const paneMode = z.enum(['columns', 'rows', 'single']) satisfies z.ZodType<PaneMode>;
const panel = z
  .enum(['rules', 'trust', 'failover', 'join', 'diagnostics'])
  .nullable() satisfies z.ZodType<PanelId | null>;
const draft = z.strictObject({ text, binding: id.nullable() });
const typed = z.string().max(500);
const pairForm = z.strictObject({
  place: z.enum(['this-computer', 'two-computers']),
  gatewayId: typed,
  second: z.enum(['new', 'existing', 'elsewhere']),
  secondName: typed,
  secondId: typed,
  secondUrl: typed,
  secondFingerprint: typed,
  here: z.enum(['primary', 'standby']),
  name: typed,
  profile: z.enum(failoverProfiles),
  preempt: z.boolean(),
  preemptDelay: typed,
  files: z.enum(filesWays),
  gitRemote: typed,
  hereAddress: typed,
  thereAddress: typed,
  peerPort: typed,
  register: z.enum(['witness', 'rfc2136']),
  witnessHost: typed,
  witnessPort: typed,
  bindServer: typed,
  bindPort: typed,
  bindZone: typed,
  bindName: typed,
  bindKeyName: typed,
  bindTtl: typed,
  bindAlgorithm: z.enum(tsigAlgorithms),
  dns: z.enum(['none', 'dnsmasq', 'pihole', 'cloudflare', 'route53']),
  dnsName: typed,
  dnsResolver: typed,
  dnsmasqFolder: typed,
  piholeUrl: typed,
  dnsZoneId: typed,
  route53KeyId: typed,
  dnsTtl: typed,
  consent: z.boolean(),
  noBackup: z.boolean(),
}) satisfies z.ZodType<PairForm>;
const edge = z.strictObject({ from: id, to: id });
const workspace = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['sync', 'shared-folder', 'none']) }),
  z.strictObject({ kind: z.literal('git'), remote: typed }),
]) satisfies z.ZodType<PairWorkspace>;
const leave = z.strictObject({ direction: z.enum(['forward', 'backward']) });

export interface Draft {
  /** As typed, `@name` included. */
  readonly text: string;
  /** The pane the person bound the composer to; null while unbound. */
  readonly binding: string | null;
}

/** The pane's conversations went on at another gateway of its pair. */
export interface Continuation {
  readonly atMs: number;
  /** What people call that gateway. */
  readonly member: string;
  /** False: it is known to lack some of what was said before. */
  readonly complete: boolean;
  /** How many of the messages that it lacks it was told of with the first question. Left out: none. */
  readonly told?: number;
}

export interface PaneHead {
  readonly paneId: string;
  readonly name: string;
  readonly domain: Domain;
  readonly state: ConnectionState;
  readonly sessionKey: string;
  readonly sessions: readonly SessionSummary[];
  /** The run that is answering now; null when idle. */
  readonly runId: string | null;
  /** History of the session is being fetched. */
  readonly loading: boolean;
  /** Oldest first; those of the time that the messages are from. */
  readonly continued: readonly Continuation[];
}

/** What a view is told: a whole conversation (`reset`) or the messages that changed (`upsert`, by id). */
export interface PaneChange {
  readonly revision: number;
  readonly head: PaneHead;
  readonly reset?: readonly TranscriptMessage[];
  readonly upsert?: readonly TranscriptMessage[];
}

export interface Toast {
  readonly id: string;
  readonly tone: 'info' | 'success' | 'warning' | 'error';
  readonly text: string;
}

export interface PaletteCommand {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
}

export type Dialog =
  | {
      readonly kind: 'link';
      readonly url: string;
      readonly host: string;
      readonly from: string;
      readonly domain: Domain;
    }
  | {
      readonly kind: 'token';
      readonly gatewayId: string;
      readonly gatewayName: string;
      readonly domain: Domain;
    }
  /** A secret of a pair's set-up; `title` and `detail` say what for and where it goes. */
  | { readonly kind: 'secret'; readonly title: string; readonly detail: string }
  /** A step that may hurt: what may happen, and the word that has to be typed for it to go ahead. */
  | {
      readonly kind: 'danger';
      readonly title: string;
      readonly paragraphs: readonly string[];
      readonly word: string;
      readonly action: string;
      readonly domain: Domain;
    };

export interface OverlayState {
  readonly palette: readonly PaletteCommand[] | null;
  readonly dialog: Dialog | null;
  readonly toasts: readonly Toast[];
}

export interface Diagnostics {
  readonly version: string;
  readonly electron: string;
  readonly chromium: string;
  readonly node: string;
  readonly system: string;
  readonly home: string;
  readonly settingsFile: string;
  readonly keyring: string;
  readonly gatewayRuntime: string;
  readonly guardian: string;
  readonly updates: string;
}

export const contract = {
  shell: {
    state: { get: call<AppState>()(nothing), changed: event<AppState>() },
    composer: {
      load: call<Draft>()(nothing),
      preview: call<RouteDecision>()(draft),
      /** `shown` is the pane that the Route status named at Enter: what is shown is what happens, or nothing does. */
      send: call<{ readonly id: string }>()(draft.extend({ shown: id.nullable() })),
      saveDraft: call<null>()(draft),
      /** What a person has to confirm before this draft can be sent; null: nothing, or nothing helps. */
      confirmation: call<SendConfirmation | null>()(draft),
      /** A person's click under exactly what `confirmation` showed: sends it. Refused when anything has changed since. */
      confirm: call<{ readonly id: string }>()(draft.extend({ shown: id, digest: id })),
      /** Main asks the composer to take the focus, or a binding (a click into a pane). */
      take: event<{ readonly binding?: string | null; readonly text?: string }>(),
    },
    outbox: {
      retry: call<null>()(z.strictObject({ id })),
      discard: call<null>()(z.strictObject({ id })),
    },
    panes: {
      focus: call<null>()(z.strictObject({ paneId: id })),
      setMode: call<null>()(z.strictObject({ mode: paneMode })),
    },
    panel: { open: call<null>()(z.strictObject({ panel })) },
    gateways: {
      reconnect: call<null>()(z.strictObject({ gatewayId: id })),
      askToken: call<null>()(z.strictObject({ gatewayId: id })),
      start: call<null>()(z.strictObject({ gatewayId: id })),
    },
    rules: {
      setEnabled: call<null>()(z.strictObject({ ruleId: id, enabled: z.boolean() })),
      move: call<null>()(
        z.strictObject({ ruleId: id, by: z.union([z.literal(-1), z.literal(1)]) }),
      ),
    },
    trust: {
      recent: call<readonly TrustDecision[]>()(nothing),
      allow: call<null>()(edge),
      /** Without an edge: all of them. What is under way ends whichever is cut. */
      revoke: call<null>()(z.strictObject({ edge: edge.nullable() })),
      /** Cuts trust, closes the connections to the domain's gateways and forgets their credentials; in words what came of it. */
      disconnect: call<{ readonly words: string }>()(z.strictObject({ domain: id })),
      /** Answered only after a key or a click in the page that calls, as the three below that let something through. */
      approve: call<null>()(z.strictObject({ digest: id })),
      decline: call<null>()(z.strictObject({ digest: id })),
      grant: call<null>()(
        edge.extend({
          action: z.enum(crossingActions),
          calls: z.int().positive(),
          bytesEach: z.int().positive(),
          forMs: z.int().positive(),
        }),
      ),
      endGrants: call<null>()(nothing),
      give: call<null>()(z.strictObject({ handle: id, digest: id })),
      clearTaint: call<null>()(z.strictObject({ domain: id })),
      /** Agents of this gateway get the tools, or lose them; given only after a key or a click. */
      setAgentTools: call<null>()(z.strictObject({ gatewayId: id, on: z.boolean() })),
      /** What to add by hand to the configuration of a gateway that we do not run. */
      agentToolsText: call<{ readonly text: string }>()(z.strictObject({ gatewayId: id })),
      /** Checks the whole log; the outcome is in the state too. */
      verify: call<AuditView>()(nothing),
      /** Asks where to, and writes the records with their proofs; `path` is null when the person chose no place. */
      exportLog: call<{ readonly path: string | null; readonly records: number }>()(
        z.strictObject({ redacted: z.boolean() }),
      ),
    },
    pairs: {
      /** Answers in words what came of it. Forcing asks the person first, in the overlay; refused unless they confirm. */
      command: call<{ readonly words: string }>()(
        z.strictObject({ pairId: id, command: z.enum(pairCommands) }),
      ),
      options: call<PairSetupOptions>()(nothing),
      /** Asks for a secret in the overlay; `given` is false when the person closed the question. */
      askSecret: call<{ readonly given: boolean }>()(
        z.strictObject({ what: z.enum(pairSecrets), form: pairForm }),
      ),
      test: call<readonly PairTestStep[]>()(
        z.strictObject({ part: z.enum(['register', 'dns']), form: pairForm }),
      ),
      save: call<{ readonly pairId: string }>()(pairForm),
      join: call<JoinFiles>()(z.strictObject({ pairId: id })),
      /** How the files of the workspaces are kept in step. */
      files: call<FilesChoice>()(z.strictObject({ pairId: id })),
      chooseFiles: call<null>()(z.strictObject({ pairId: id, workspace })),
      /** How it ends is said in a toast. */
      offer: call<JoinOffer>()(z.strictObject({ pairId: id })),
      /** Takes what the other computer offers under a code; it is kept in main, and nothing is written. */
      take: call<JoinPreview>()(z.strictObject({ code: typed, address: typed })),
      /** Ends that, or forgets what was taken. */
      cancelTake: call<null>()(nothing),
      writeTaken: call<JoinDone>()(nothing),
      /** Asks in the overlay for the token of this computer's gateway, and writes it into its file. */
      askTakenToken: call<{ readonly given: boolean }>()(z.strictObject({ gateway: typed })),
      /**
       * Asks the person first; the role is handed to the gateway that stays (`keep`, or the active one) before protection
       * ends. Refused while the two are not the same, unless `anyway`.
       */
      unprotect: call<SingleAgain>()(
        z.strictObject({
          pairId: id,
          keep: id.nullable().default(null),
          anyway: z.boolean().default(false),
        }),
      ),
      /** The newest backup of each gateway that has one. */
      backups: call<readonly BackupView[]>()(nothing),
      cancelBackup: call<null>()(nothing),
      showBackup: call<null>()(z.strictObject({ gatewayId: id })),
    },
    palette: { open: call<null>()(nothing) },
    focus: {
      leave: call<null>()(leave),
      enter: event<{ readonly from: 'start' | 'end' | 'composer' }>(),
    },
    diagnostics: { get: call<Diagnostics>()(nothing), ping: call<number>()(z.number()) },
  },
  view: {
    pane: { get: call<PaneChange>()(nothing), changed: event<PaneChange>() },
    session: { select: call<null>()(z.strictObject({ key: id })), create: call<null>()(nothing) },
    run: { stop: call<null>()(nothing) },
    link: { ask: call<null>()(z.strictObject({ url: z.string().max(4000) })) },
    copied: { text: call<null>()(z.strictObject({ text })) },
    focus: {
      leave: call<null>()(leave),
      enter: event<{ readonly from: 'start' | 'end' | 'conversation' }>(),
    },
  },
  overlay: {
    overlay: {
      get: call<OverlayState>()(nothing),
      changed: event<OverlayState>(),
      close: call<null>()(nothing),
    },
    palette: { run: call<null>()(z.strictObject({ id })) },
    dialog: { confirm: call<null>()(z.strictObject({ value: z.string().max(10_000).nullable() })) },
    toast: { dismiss: call<null>()(z.strictObject({ id })) },
  },
} satisfies {
  readonly [S in Surface]: {
    readonly [A in keyof Channels[S]]: { readonly [M in keyof Channels[S][A]]: Call | Event };
  };
};

export type Contract = typeof contract;

/** What a call answers with: a value or an expected error, never an exception that loses its meaning on the way. */
export type Reply<Output> = Result<Output, AppError>;

type Method<Entry> =
  Entry extends Call<infer Input, infer Output>
    ? (
        ...args: undefined extends z.input<Input> ? [] : [input: z.input<Input>]
      ) => Promise<Reply<Output>>
    : never;

type Listener<Entry> =
  Entry extends Event<infer Payload> ? (listener: (payload: Payload) => void) => () => void : never;

type Area<Entries> = {
  readonly [
    M in keyof Entries as Entries[M] extends Event ? `on${Capitalize<M & string>}` : M
  ]: Entries[M] extends Event ? Listener<Entries[M]> : Method<Entries[M]>;
};

/** What `window.switchyard` is in a page of surface `S`; event `x` becomes `onX`, which returns its unsubscribe. */
export type Bridge<S extends Surface> = { readonly [A in keyof Contract[S]]: Area<Contract[S][A]> };
