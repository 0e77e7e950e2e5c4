/** Builds what a guarded pair needs from its configuration: registers, fences, eyes, the link to the other host, followers. */
import { createEmitter, createLifetime, fail, ok } from '../../base/index.ts';
import type { Clock, Logger, Random, Result } from '../../base/index.ts';
import { openDutiesPort } from '../duties/duties-port.ts';
import { answerDutiesCall } from '../duties/methods.ts';
import { pluginDuties } from '../duties/plugin-duties.node.ts';
import type { Duties } from '../duties/ports.ts';
import { dutiesMethodNames } from '../duties/protocol.ts';
import { openGatewayFence } from '../fence/gateway-fence.node.ts';
import { openLockRegister } from '../fence/lock-register.node.ts';
import type { HeldRegister } from '../fence/methods.ts';
import type { PluginConnection } from '../fence/plugin-link.node.ts';
import { heldRegister } from '../fence/held-register.node.ts';
import { openHeldConnection } from '../health/held-connection.node.ts';
import type { HeldConnection } from '../health/held-connection.node.ts';
import { openGatewayProbe, openRemoteProbe } from '../health/probe.node.ts';
import { whoListens } from '../health/process-identity.node.ts';
import type { MemberConfig, PairConfig, PeerConfig, StartFailure } from '../model.ts';
import { dialFarCalls, serveFarCalls } from '../peer/far-calls.node.ts';
import type { AnswerFarCall } from '../peer/far-calls.node.ts';
import { openLateLink } from '../peer/late-link.ts';
import { openPeerLink } from '../peer/link.ts';
import type { PeerLink } from '../peer/model.ts';
import { peerSeals } from '../peer/seals.node.ts';
import { udpDatagrams } from '../peer/udp.node.ts';
import { openMirrorPort } from '../mirror/mirror-port.ts';
import { answerMirrorCall } from '../mirror/methods.ts';
import { pluginJournal } from '../mirror/plugin-journal.node.ts';
import type { Journal } from '../mirror/ports.ts';
import { mirrorMethodNames } from '../mirror/protocol.ts';
import type { Carriers, FencePort, Follower, OpenProbe, Register } from '../ports.ts';
import { hmacSha256, tsigKey } from '../register/hmac.node.ts';
import { registerPath } from '../register/register-record.node.ts';
import { rfc2136Problem, rfc2136Register } from '../register/rfc2136-register.ts';
import { askTcp, openUdp } from '../register/wire.node.ts';
import { missingSecretWords } from '../secret-source.ts';
import type { SecretSource } from '../secret-source.ts';
import { witnessRegister } from '../witness/witness-register.ts';
import { answerWorkspaceCall } from '../workspace/methods.ts';
import { pluginWorkspace } from '../workspace/plugin-workspace.node.ts';
import type { Workspace } from '../workspace/ports.ts';
import { workspaceMethodNames } from '../workspace/protocol.ts';
import { openWorkspacePort } from '../workspace/workspace-port.ts';
import { openFollowers } from './followers.node.ts';
import { secretNames } from './secrets.node.ts';

/** What stands around one pair. */
export interface PairParts {
  readonly register: (gatewayId: string) => Register;
  readonly fence: (gatewayId: string) => FencePort;
  readonly openProbe: OpenProbe;
  readonly link: PeerLink | null;
  readonly followers: readonly Follower[];
  readonly openCarriers: (hears: CarrierListener) => Carriers;
  close(): Promise<void>;
}

/** Hears of changes of the views, and of a program beside the active gateway that does its work. */
export interface CarrierListener {
  readonly onChange: () => void;
  readonly onConflict: (gatewayId: string, words: string) => void;
}

export interface PartsPorts {
  readonly stateDir: string;
  /** A secret by its name (`secretNames`, or a gateway's id for its token); null while it is not there. */
  readonly secret: (name: string) => Promise<string | null>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Opens the parts of a pair; nothing is dialled or sent by this alone. */
export type OpenPairParts = (
  pair: PairConfig,
  ports: PartsPorts,
) => Result<PairParts, StartFailure>;

/** The real parts. */
export const openPairParts: OpenPairParts = (pair, ports) => {
  const { clock, logger } = ports;
  const lifetime = createLifetime();
  const locals = new Map<string, Local>();
  for (const member of localMembers(pair)) {
    // A gateway that cannot take our plugin has nobody to hold its lock but us; then our end ends its role as well.
    const standIn =
      pair.register.kind === 'lock'
        ? heldRegister(registerPath(ports.stateDir, pair.id), { release: null })
        : undefined;
    const local = openLocal(pair, member, standIn, ports);
    locals.set(member.id, local);
    lifetime.add(() => local.fence.close());
    lifetime.add(() => local.connection.close());
    lifetime.add(() => local.second.close());
  }
  const localOf = (gatewayId: string): Local => {
    const local = locals.get(gatewayId);
    if (local === undefined) throw new Error(`${gatewayId} is not guarded from here`);
    return local;
  };

  const register = openRegister(pair, localOf, ports);
  if (!register.ok) return register;
  lifetime.add(() => register.value.close());

  const followers = openFollowers(pair, ports);
  if (!followers.ok) return fail({ code: 'cannot-create', words: followers.error });
  for (const follower of followers.value) lifetime.add(() => follower.close());

  const link = pair.peer === null ? null : openLink(pair, pair.peer, ports);
  lifetime.add(() => link?.close());

  const far = pair.peer === null ? null : openFar(pair, pair.peer, locals, ports);
  lifetime.add(() => far?.close());

  return ok({
    register: register.value.of,
    fence: (gatewayId) => localOf(gatewayId).fence,
    openProbe: (member, isLocal, onReset) => {
      if (!isLocal) return openRemoteProbe(member, clock);
      const local = localOf(member.id);
      local.onReset(onReset);
      return openGatewayProbe({
        member,
        connection: local.connection,
        clock,
        random: ports.random,
      });
    },
    link,
    followers: followers.value,
    openCarriers: (hears) => {
      const insideOf = (gatewayId: string): Inside | null =>
        locals.get(gatewayId)?.inside ?? far?.inside ?? null;
      const { primary, standby } = pair;
      const common = {
        otherOf: (gatewayId: string) => (gatewayId === primary.id ? standby.id : primary.id),
        clock,
        random: ports.random,
        onChange: hears.onChange,
      };
      return {
        mirror: openMirrorPort({
          ...common,
          journal: (gatewayId) => insideOf(gatewayId)?.journal ?? null,
        }),
        workspace: openWorkspacePort({
          ...common,
          config: pair.workspace,
          workspace: (gatewayId) => insideOf(gatewayId)?.workspace ?? null,
        }),
        duties: openDutiesPort({
          ...common,
          duties: (gatewayId) => insideOf(gatewayId)?.duties ?? null,
          nameOf: (gatewayId) =>
            [primary, standby].find(({ id }) => id === gatewayId)?.name ?? gatewayId,
          onConflict: hears.onConflict,
        }),
      };
    },
    close: async () => {
      for (const error of await lifetime.stop())
        logger.error('a part of the pair did not close', { pair: pair.id, error: String(error) });
    },
  });
};

/** The members of a pair that run on this machine. */
function localMembers(pair: PairConfig): readonly MemberConfig[] {
  if (pair.local === 'both') return [pair.primary, pair.standby];
  return [pair[pair.local]];
}

interface Local {
  readonly standIn: HeldRegister | undefined;
  readonly connection: HeldConnection;
  readonly fence: FencePort & { close(): void };
  readonly second: HeldConnection;
  readonly inside: Inside;
  onReset(listener: (detail: string) => void): void;
}

/** What our plugin inside a gateway gives out. */
interface Inside {
  readonly journal: Journal;
  readonly workspace: Workspace;
  readonly duties: Duties;
}

function insideBehind(connection: PluginConnection): Inside {
  return {
    journal: pluginJournal(connection),
    workspace: pluginWorkspace(connection),
    duties: pluginDuties(connection),
  };
}

/** Checks and fence of one gateway share one connection; what is carried has another. */
function openLocal(
  pair: PairConfig,
  member: MemberConfig,
  standIn: HeldRegister | undefined,
  ports: PartsPorts,
): Local {
  const { clock, logger } = ports;
  const resets = createEmitter<string>();
  const dial = (onReset: (detail: string) => void): HeldConnection =>
    openHeldConnection({
      member,
      token: () => ports.secret(member.id),
      identity: () => whoListens(member.pidFile, Number(new URL(member.url).port)),
      onReset,
      clock,
    });
  const connection = dial((detail) => resets.emit(detail));
  // Rows are large: on the other connection they would hold up checks and leases.
  const second = dial(() => undefined);
  const fence = openGatewayFence({
    pairId: pair.id,
    gatewayId: member.id,
    connection,
    pidFile: member.pidFile,
    standIn,
    clock,
    logger,
  });
  return {
    standIn,
    connection,
    fence,
    second,
    inside: insideBehind(second),
    onReset: (listener) => void resets.on(listener),
  };
}

interface OpenRegisters {
  readonly of: (gatewayId: string) => Register;
  close(): void;
}

function openRegister(
  pair: PairConfig,
  localOf: (gatewayId: string) => Local,
  ports: PartsPorts,
): Result<OpenRegisters, StartFailure> {
  const { register } = pair;
  const { clock, random, logger } = ports;
  // A register that is silent must be known to be so while there is still time to ask the peer (R8).
  const timeoutMs = Math.min(1_000, Math.ceil(1.5 * pair.lease.renewEveryMs));
  const name = secretNames.register(pair.id);
  const known = async (source: SecretSource): Promise<Result<string, string>> => {
    const secret = await ports.secret(name);
    return secret === null ? fail(missingSecretWords(source)) : ok(secret);
  };
  switch (register.kind) {
    case 'lock': {
      const path = registerPath(ports.stateDir, pair.id);
      const opened = new Map(
        localMembers(pair).map(({ id }) => {
          const { connection, standIn } = localOf(id);
          return [
            id,
            openLockRegister({ path, pairId: pair.id, gatewayId: id, connection, standIn }),
          ];
        }),
      );
      const of = (gatewayId: string): Register => {
        const found = opened.get(gatewayId);
        if (found === undefined) throw new Error(`${gatewayId} is not guarded from here`);
        return found;
      };
      return ok({ of, close: () => undefined });
    }
    case 'rfc2136': {
      const problem = rfc2136Problem(register);
      if (problem !== null)
        return fail({ code: 'cannot-create', words: `pair ${pair.id}, register.${problem}` });
      const opened = rfc2136Register(
        {
          ...register,
          timeoutMs,
          key: { ...register.key, secret: () => known(register.key.secret) },
        },
        {
          clock,
          random,
          openDatagrams: openUdp,
          askStream: askTcp,
          makeKey: tsigKey,
          onAlarm: (words) => logger.warn(words, { pair: pair.id }),
        },
      );
      return ok({ of: () => opened, close: () => opened.close() });
    }
    case 'witness': {
      const opened = witnessRegister(
        { ...register, timeoutMs, pair: pair.id, secret: () => known(register.secret) },
        { clock, random, openDatagrams: openUdp, makeHmac: hmacSha256 },
      );
      return ok({ of: () => opened, close: () => opened.close() });
    }
  }
}

/** The gateway on the other computer, through its guardian; and ours, for that guardian. */
function openFar(
  pair: PairConfig,
  peer: PeerConfig,
  locals: ReadonlyMap<string, Local>,
  ports: PartsPorts,
): { readonly inside: Inside; close(): void } {
  const options = {
    pairId: pair.id,
    secret: () => ports.secret(secretNames.peer(pair.id)),
    clock: ports.clock,
  };
  const servers = [...locals.values()].map(({ inside }) =>
    serveFarCalls(peer.listen, answerFor(inside), options),
  );
  const connection = dialFarCalls(peer.connect, options);
  return {
    inside: insideBehind(connection),
    close: () => {
      connection.close();
      for (const server of servers) server.close();
    },
  };
}

/** What the guardian of the other computer may ask of a gateway here. */
function answerFor({ journal, workspace, duties }: Inside): AnswerFarCall {
  return (method, params) => {
    const ofMirror = mirrorMethodNames.find((name) => name === method);
    if (ofMirror !== undefined) return answerMirrorCall(ofMirror, params, journal);
    const ofWorkspace = workspaceMethodNames.find((name) => name === method);
    if (ofWorkspace !== undefined) return answerWorkspaceCall(ofWorkspace, params, workspace);
    const ofDuties = dutiesMethodNames.find((name) => name === method);
    return ofDuties === undefined ? null : answerDutiesCall(ofDuties, params, duties);
  };
}

function openLink(pair: PairConfig, peer: PeerConfig, ports: PartsPorts): PeerLink {
  const { clock, random } = ports;
  const [self, other] =
    pair.local === 'primary' ? [pair.primary, pair.standby] : [pair.standby, pair.primary];
  const { leaseMs, renewEveryMs } = pair.lease;
  return openLateLink({
    clock,
    missing: missingSecretWords(peer.secret),
    secret: () => ports.secret(secretNames.peer(pair.id)),
    open: (secret) =>
      openPeerLink({
        openDatagrams: udpDatagrams(peer.listen, peer.connect, clock),
        seals: peerSeals(secret, { pairId: pair.id, self: self.id, peer: other.id }),
        clock,
        random,
        // Beats come at the rate of renewals; two of them may be lost before the peer is greeted anew.
        quietMs: 3 * renewEveryMs,
        downAfterMs: leaseMs,
      }),
  });
}
