/**
 * The guided set-up of a pair.
 *
 * Invariants
 * 1. A secret that a person enters goes from the overlay into this memory, from here into a test, and with `save` into
 *    the keyring; it is in no settings and in no state. One that was entered for other addresses is not used.
 * 2. The settings are changed in one step, and only once everything they need is kept.
 * 3. Nothing that waits in a pane is stranded: while a member's pane has messages on their way, the panes stay.
 * 4. Nothing is changed in a gateway that runs here before it has a backup, unless the person said that it needs none.
 */
import { errorText, fail, ok } from '../base/index.ts';
import type { Random, Result } from '../base/index.ts';
import { appError, pairFaults, secretOf, stepsOf } from '../shared/index.ts';
import type {
  AppError,
  JoinFiles,
  JoinOffer,
  PairCandidate,
  PairField,
  PairForm,
  PairSecret,
  PairSetupOptions,
  PairTestPart,
  PairTestStep,
  Translate,
  WordKey,
} from '../shared/index.ts';
import { panesOf } from '../store/index.ts';
import type { PairSettings, SecretVault, Settings, SettingsFile } from '../store/index.ts';
import type { PairBackups } from './pair-backup.ts';
import { formatCode, invitationPort } from './pair-code.ts';
import { planJoin, withoutToken } from './pair-join.ts';
import type { JoinPlan } from './pair-join.ts';
import { dnsOf, placeOf, planPair, registerOf, withPair } from './pair-plan.ts';
import { pairSecret, pairSecretsOf } from './pair-secrets.ts';
import type { PairSecretEntry } from './pair-secrets.ts';
import type { PairSetupHost } from './ports.ts';

export interface PairSetup {
  options(): Promise<PairSetupOptions>;
  /** Keeps a secret for the set-up that is being filled in. */
  enter(what: PairSecret, form: PairForm, value: string): void;
  test(part: PairTestPart, form: PairForm): Promise<Result<readonly PairTestStep[], AppError>>;
  save(form: PairForm): Promise<Result<{ readonly pairId: string }, AppError>>;
  /** Writes what the other computer needs. */
  join(pairId: string): Promise<Result<JoinFiles, AppError>>;
  /** Offers the same under a pairing code, without a token. The one before is taken back. `ended`: in words, how it ended. */
  offer(pairId: string, ended: (words: string) => void): Promise<Result<JoinOffer, AppError>>;
}

export interface PairSetupPorts {
  readonly settings: SettingsFile;
  readonly vault: SecretVault;
  readonly host: PairSetupHost;
  readonly random: Random;
  readonly t: Translate;
  readonly backups: Pick<PairBackups, 'make'>;
  /** How many messages of a pane are on their way. */
  readonly waiting: (paneId: string) => number;
  readonly token: (gatewayId: string) => Promise<string | null>;
  /** SHA-256 of the certificate of a gateway that we run; null while it has none. */
  readonly certificate: (gatewayId: string) => Promise<string | null>;
}

/** New gateways are looked for a port from here on, as far apart as the settings ask. */
const firstPort = 18_789;
const portStep = 120;
const lastPort = 65_400;

/** Makes the set-up of one app. */
export function createPairSetup(ports: PairSetupPorts): PairSetup {
  const { settings, vault, host, random, t } = ports;
  let takeBack = (): void => undefined;
  const entered = new Map<PairSecret, { readonly pin: string; readonly value: string }>();

  const freePort = async (): Promise<number> => {
    const taken = settings
      .current()
      .gateways.flatMap((gateway) => (gateway.kind === 'managed' ? [gateway.port] : []));
    for (let port = firstPort; port <= lastPort; port += portStep) {
      const isApart = taken.every((other) => Math.abs(other - port) >= portStep);
      if (isApart && (await host.portIsFree(port))) return port;
    }
    return lastPort;
  };
  const enteredFor = (what: PairSecret, form: PairForm): string | null => {
    const kept = entered.get(what);
    return kept !== undefined && kept.pin === pinOf(what, form) ? kept.value : null;
  };
  const refuse = (key: WordKey, values?: Readonly<Record<string, string | number>>) =>
    fail(appError('denied', t(key, values)));

  /** Why this form cannot be saved; null when it can. */
  const obstacle = (form: PairForm, hasGit: boolean): Result<never, AppError> | null => {
    const current = settings.current();
    for (const step of stepsOf(form)) {
      const [found] = Object.entries(
        pairFaults(form, step, { takenNames: takenNames(current), hasGit }),
      );
      if (found !== undefined) {
        const [field, fault] = found;
        return fail(
          appError(
            'bad-input',
            `${t(`setup.field.${field as PairField}` as WordKey)}: ${t(`setup.fault.${fault}`)}`,
          ),
        );
      }
      const secret = secretOf(form, step);
      if (secret !== null && enteredFor(secret, form) === null)
        return refuse(`setup.secret.${secret}.missing` as WordKey);
    }
    if (!form.consent) return refuse('setup.consent.missing');
    const panes = panesOf(current).filter(({ memberIds }) =>
      [form.gatewayId, form.second === 'existing' ? form.secondId : ''].some((id) =>
        memberIds.includes(id),
      ),
    );
    for (const pane of panes) {
      const count = ports.waiting(pane.id);
      if (count > 0) return refuse('setup.waiting', { count, name: pane.name }); // invariant 3
    }
    return null;
  };

  /** Puts the entered secrets of a pair into the keyring; answers what undoes it. */
  const keepSecrets = async (pair: PairSettings, form: PairForm): Promise<() => Promise<void>> => {
    const values: readonly (readonly [PairSecretEntry | null, string | null])[] = [
      [pairSecret(pair, 'register'), enteredFor('register', form)],
      [pairSecret(pair, 'peer'), `${random.id()}${random.id()}`.replaceAll('-', '')],
      [form.dns === 'none' ? null : pairSecret(pair, `dns-${form.dns}`), enteredFor('dns', form)],
    ];
    const kept: string[] = [];
    for (const [entry, value] of values) {
      if (entry === null || value === null) continue;
      await vault.set(entry.vaultName, value);
      kept.push(entry.vaultName);
    }
    return async () => {
      for (const name of kept) await vault.delete(name);
    };
  };

  return {
    options: async () => {
      const current = settings.current();
      return {
        candidates: current.gateways.map((gateway) => candidateOf(current, gateway.id, t)),
        takenNames: takenNames(current),
        freePort: await freePort(),
        addresses: host.addresses(),
        hasGit: await host.hasGit(),
      };
    },
    enter: (what, form, value) => {
      entered.set(what, { pin: pinOf(what, form), value });
    },
    test: async (part, form) => {
      const names = { takenNames: takenNames(settings.current()), hasGit: true };
      if (Object.keys(pairFaults(form, part, names)).length > 0)
        return fail(appError('bad-input', t('setup.test.faults')));
      const needed = secretOf(form, part);
      const secret = needed === null ? null : enteredFor(needed, form);
      if (needed !== null && secret === null)
        return refuse(`setup.secret.${needed}.missing` as WordKey);
      if (part === 'register') {
        const pairId = planPair(settings.current(), form, 0)?.pair.id;
        if (pairId === undefined) return fail(appError('not-found', t('setup.gateway-gone')));
        return ok(
          await host.test({ part, pairId, register: registerOf(form), secret: secret ?? '' }),
        );
      }
      const dns = dnsOf(form);
      if (dns === null) return ok([]);
      const addresses = [form.hereAddress.trim(), form.thereAddress.trim()];
      return ok(await host.test({ part, dns, secret, addresses }));
    },
    save: async (form) => {
      const hasGit = await host.hasGit();
      const stop = obstacle(form, hasGit);
      if (stop !== null) return stop;
      if (!form.noBackup) {
        const kept = await ports.backups.make(runningHere(settings.current(), form)); // invariant 4
        if (!kept.ok) return kept;
        const since = obstacle(form, hasGit); // it took its time
        if (since !== null) return since;
      }
      const port = await freePort();
      const plan = planPair(settings.current(), form, port);
      if (plan === null) return fail(appError('not-found', t('setup.gateway-gone')));
      const undo = await keepSecrets(plan.pair, form); // invariant 2
      const saved = await settings.update((current) => withPair(current, plan));
      if (!saved.ok) {
        await undo();
        return saved;
      }
      entered.clear();
      return ok({ pairId: plan.pair.id });
    },
    join: async (pairId) => {
      const planned = await joinPlan(pairId);
      if (!planned.ok) return planned;
      const { folder: name, files, copy, commands } = planned.value;
      try {
        const folder = await host.writeJoin(name, files);
        return ok({
          folder,
          files: files.map((file) => file.name),
          commands: [...copy, ...commands],
        });
      } catch (error) {
        return fail(appError('storage', t('join.not-written', { detail: errorText(error) }), true));
      }
    },
    offer: async (pairId, ended) => {
      const planned = await joinPlan(pairId);
      if (!planned.ok) return planned;
      takeBack();
      try {
        const address = planned.value.hereAddress;
        const offered = await host.offer(withoutToken(planned.value), address, (how) => {
          ended(t(`offer.${how}`));
        });
        takeBack = offered.close;
        const place = `${address.includes(':') ? `[${address}]` : address}${
          offered.port === invitationPort ? '' : `:${offered.port}`
        }`;
        const code = formatCode(offered.code);
        return ok({ code, place, minutes: Math.round(offered.lastsMs / 60_000) });
      } catch (error) {
        return fail(appError('offline', t('offer.not-made', { detail: errorText(error) }), true));
      }
    },
  };

  async function joinPlan(
    pairId: string,
  ): Promise<Result<JoinPlan & { readonly hereAddress: string }, AppError>> {
    const current = settings.current();
    const pair = current.pairs.find(({ id }) => id === pairId);
    const primary = current.gateways.find(({ id }) => id === pair?.primary);
    const standby = current.gateways.find(({ id }) => id === pair?.standby);
    if (pair === undefined || primary === undefined || standby === undefined)
      return fail(appError('not-found', t('pair.gone')));
    if (pair.place.kind === 'this-computer')
      return fail(appError('bad-input', t('join.not-needed')));
    const ours = pair.place.here === 'primary' ? primary : standby;
    const certificate = await ports.certificate(ours.id);
    if (certificate === null) return refuse('join.no-certificate', { name: ours.name });
    const stored = new Map<string, string | null>();
    for (const { vaultName } of pairSecretsOf(pair))
      stored.set(vaultName, await vault.get(vaultName));
    const tokens = new Map<string, string | null>();
    for (const { id } of [primary, standby]) tokens.set(id, await ports.token(id));
    const plan = planJoin(
      pair,
      pair.place,
      { primary, standby },
      {
        stored: (name) => stored.get(name) ?? null,
        token: (gatewayId) => tokens.get(gatewayId) ?? null,
      },
      certificate,
      t,
    );
    return ok({ ...plan, hereAddress: pair.place.hereAddress });
  }
}

/** Whom a secret is for, as the form names it (invariant 1). */
function pinOf(what: PairSecret, form: PairForm): string {
  const name = what === 'dns' ? (form.dns === 'none' ? null : (`dns-${form.dns}` as const)) : what;
  const owner = { id: '', place: placeOf(form) };
  return (name === null ? null : pairSecret(owner, name)?.vaultName) ?? '';
}

/** The gateways of a form that we run: a new one, and one of another computer, are not among them. */
function runningHere(settings: Settings, form: PairForm): readonly string[] {
  const named = [form.gatewayId, ...(form.second === 'existing' ? [form.secondId] : [])];
  return named.filter((id) =>
    settings.gateways.some((gateway) => gateway.id === id && gateway.kind === 'managed'),
  );
}

function takenNames(settings: Settings): readonly string[] {
  return [...settings.gateways, ...settings.pairs].map(({ name }) => name);
}

function candidateOf(settings: Settings, gatewayId: string, t: Translate): PairCandidate {
  const gateway = settings.gateways.find(({ id }) => id === gatewayId);
  if (gateway === undefined) throw new Error(`There is no gateway ${gatewayId}.`);
  const pair = settings.pairs.find(
    ({ primary, standby }) => primary === gatewayId || standby === gatewayId,
  );
  const { id, name, domain, kind } = gateway;
  const obstacle =
    pair !== undefined
      ? t('setup.in-pair', { pair: pair.name })
      : kind === 'portal'
        ? t('setup.is-portal')
        : null;
  return { id, name, domain, kind, obstacle };
}
