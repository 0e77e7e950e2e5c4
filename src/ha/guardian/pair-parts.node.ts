/** Builds what a guarded pair needs from its configuration: registers, fences, eyes, the link to the other host, followers. */
import { createEmitter, createLifetime, fail, ok } from '../../base/index.ts';
import type { Clock, Logger, Random, Result } from '../../base/index.ts';
import { openGatewayFence } from '../fence/gateway-fence.node.ts';
import { openLockRegister } from '../fence/lock-register.node.ts';
import type { HeldRegister } from '../fence/methods.ts';
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
import type { FencePort, Follower, MirrorPort, OpenProbe, Register } from '../ports.ts';
import { hmacSha256, tsigKey } from '../register/hmac.node.ts';
import { registerPath } from '../register/register-record.node.ts';
import { rfc2136Problem, rfc2136Register } from '../register/rfc2136-register.ts';
import { askTcp, openUdp } from '../register/wire.node.ts';
import { missingSecretWords } from '../secret-source.ts';
import type { SecretSource } from '../secret-source.ts';
import { witnessRegister } from '../witness/witness-register.ts';
import { openFollowers } from './followers.node.ts';
import { secretNames } from './secrets.node.ts';

/** What stands around one pair. */
export interface PairParts {
  readonly register: (gatewayId: string) => Register;
  readonly fence: (gatewayId: string) => FencePort;
  readonly openProbe: OpenProbe;
  readonly link: PeerLink | null;
  readonly followers: readonly Follower[];
  /** `onChange` hears of every change of its view. */
  readonly openMirror: (onChange: () => void) => MirrorPort | null;
  close(): Promise<void>;
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
    lifetime.add(() => local.journal.close());
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

  const far = pair.peer === null ? null : openFarJournal(pair, pair.peer, locals, ports);
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
    openMirror: (onChange) =>
      openMirrorPort({
        journal: (gatewayId) => locals.get(gatewayId)?.journal.journal ?? far?.journal ?? null,
        otherOf: (gatewayId) => (gatewayId === pair.primary.id ? pair.standby.id : pair.primary.id),
        clock,
        random: ports.random,
        onChange,
      }),
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
  readonly journal: { readonly journal: Journal; close(): void };
  onReset(listener: (detail: string) => void): void;
}

/** Checks and fence of one gateway share one connection; its journal has another. */
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
  const journal = { journal: pluginJournal(second), close: () => second.close() };
  return { standIn, connection, fence, journal, onReset: (listener) => void resets.on(listener) };
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

/** The journal of the gateway on the other computer; and ours, for the guardian there. */
function openFarJournal(
  pair: PairConfig,
  peer: PeerConfig,
  locals: ReadonlyMap<string, Local>,
  ports: PartsPorts,
): { readonly journal: Journal; close(): void } {
  const options = {
    pairId: pair.id,
    secret: () => ports.secret(secretNames.peer(pair.id)),
    clock: ports.clock,
  };
  const servers = [...locals.values()].map(({ journal }) =>
    serveFarCalls(peer.listen, answerFor(journal.journal), options),
  );
  const connection = dialFarCalls(peer.connect, options);
  return {
    journal: pluginJournal(connection),
    close: () => {
      connection.close();
      for (const server of servers) server.close();
    },
  };
}

/** What the guardian of the other computer may ask of a gateway here. */
function answerFor(journal: Journal): AnswerFarCall {
  return (method, params) => {
    const known = mirrorMethodNames.find((name) => name === method);
    return known === undefined ? null : answerMirrorCall(known, params, journal);
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
