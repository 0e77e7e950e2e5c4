/**
 * The way back from a pair to a single gateway.
 *
 * Invariants
 * 1. Nothing is lost: it begins only while both gateways have the same conversations, or the person said that they need not.
 *    Neither gateway's conversations are touched.
 * 2. The gateway that stays has the role before protection ends, and the pair is held meanwhile: the other one, and its
 *    guardian on another computer, do not take the restart of the first for its death.
 * 3. One of the two acts afterwards: the other one's jobs and channels stay off until the person switches them on.
 */
import { delay, fail, ok } from '../base/index.ts';
import type { Clock, Result } from '../base/index.ts';
import { fencePluginId } from '../gateways/index.ts';
import { appError } from '../shared/index.ts';
import type {
  AppError,
  PairCommandName,
  PairView,
  SingleAgain,
  Translate,
  WordKey,
} from '../shared/index.ts';
import type { GatewaySettings, PairSettings, SecretVault, SettingsFile } from '../store/index.ts';
import { withAwake, withoutPair } from './pair-plan.ts';
import { pairSecretsOf } from './pair-secrets.ts';

export interface WayBack {
  /** `keep`: the gateway that stays; null: the active one. `anyway`: the person goes on though the two are not the same. */
  single(
    pairId: string,
    how: { readonly keep: string | null; readonly anyway: boolean },
  ): Promise<Result<SingleAgain, AppError>>;
  /** Lets a gateway that rests run its jobs and channels again. */
  awake(gatewayId: string): Promise<Result<{ readonly words: string }, AppError>>;
}

export interface WayBackPorts {
  readonly settings: SettingsFile;
  readonly vault: SecretVault;
  readonly views: () => readonly PairView[];
  readonly command: (
    pairId: string,
    command: PairCommandName,
  ) => Promise<Result<{ readonly words: string }, AppError>>;
  /** How many messages of a pane are on their way. */
  readonly waiting: (paneId: string) => number;
  readonly clock: Clock;
  readonly t: Translate;
}

/** After a hand-over the copy goes the other way, and is compared anew. */
const patienceMs = 60_000;
const lookEveryMs = 250;

/** Makes the way back of one app. */
export function createWayBack(ports: WayBackPorts): WayBack {
  const { settings, vault, clock, t } = ports;
  const refuse = (key: WordKey, values?: Readonly<Record<string, string | number>>) =>
    fail(appError('denied', t(key, values), true));
  const viewOf = (pairId: string): PairView | undefined =>
    ports.views().find(({ id }) => id === pairId);
  const nameOf = (gatewayId: string): string =>
    settings.current().gateways.find(({ id }) => id === gatewayId)?.name ?? gatewayId;

  /** What keeps the two from being the same, in words; null when they are. */
  const gap = (view: PairView | undefined): string | null => {
    const mirror = view?.mirror ?? null;
    if (
      view === undefined ||
      mirror === null ||
      mirror.state === 'refused' ||
      mirror.state === 'away'
    )
      return t('single.apart.unknown', {
        reason:
          [mirror?.detail, view?.coverReason].find((words) => (words ?? '') !== '') ??
          t('failover.mirror.none'),
      });
    if (mirror.conflicts.length > 0)
      return t('single.apart.conflicts', { keys: mirror.conflicts.join(', ') });
    if (mirror.state === 'in-step') return null;
    const otherId = view.activeId === view.primaryId ? view.standbyId : view.primaryId;
    return t('single.apart.rows', {
      active: nameOf(view.activeId),
      other: nameOf(otherId),
      rows: mirror.rows,
      conversations: mirror.conversations,
    });
  };
  const inStepSoon = async (pairId: string): Promise<string | null> => {
    const untilMs = clock.bootMs() + patienceMs;
    for (;;) {
      const words = gap(viewOf(pairId));
      if (words === null || clock.bootMs() >= untilMs) return words;
      await delay(clock, lookEveryMs);
    }
  };

  /** Gives the role to the one that stays and holds the pair still; null when both are done. */
  const settle = async (
    pair: PairSettings,
    keep: string,
    anyway: boolean,
  ): Promise<Result<never, AppError> | null> => {
    const view = viewOf(pair.id);
    if (view === undefined || view.cover === 'unguarded') return null; // nobody is there who could move the role
    if (view.activeId !== keep) {
      const handed = await ports.command(pair.id, 'hand-over');
      if (!handed.ok) return refuse('unprotect.not-handed', { reason: handed.error.message });
      const apart = anyway ? null : await inStepSoon(pair.id);
      if (apart !== null) return fail(appError('denied', apart, true));
    }
    if (viewOf(pair.id)?.hold === true) return null;
    const held = await ports.command(pair.id, 'hold'); // invariant 2
    return held.ok ? null : refuse('single.not-held', { reason: held.error.message });
  };

  return {
    single: async (pairId, { keep: asked, anyway }) => {
      const pair = settings.current().pairs.find(({ id }) => id === pairId);
      if (pair === undefined) return fail(appError('not-found', t('pair.gone')));
      const keep = asked ?? viewOf(pairId)?.activeId ?? pair.primary;
      if (keep !== pair.primary && keep !== pair.standby)
        return fail(appError('bad-input', t('setup.gateway-gone')));
      const count = ports.waiting(pairId);
      if (count > 0) return refuse('setup.waiting', { count, name: pair.name });
      const apart = gap(viewOf(pairId));
      if (apart !== null && !anyway) return fail(appError('denied', apart, true)); // invariant 1
      const wasHeld = viewOf(pairId)?.hold === true;
      const stop = await settle(pair, keep, anyway);
      if (stop !== null) return stop;
      const saved = await settings.update((current) => withoutPair(current, pairId, keep));
      if (!saved.ok) {
        if (!wasHeld) await ports.command(pairId, 'unhold');
        return saved;
      }
      for (const { vaultName } of pairSecretsOf(pair)) await vault.delete(vaultName);
      return ok(afterwards(pair, keep, settings.current().gateways, t));
    },
    awake: async (gatewayId) => {
      const saved = await settings.update((current) => withAwake(current, gatewayId));
      return saved.ok ? ok({ words: t('single.woken', { name: nameOf(gatewayId) }) }) : saved;
    },
  };
}

/** What is said in the end, and what is left to do on the other computer. */
function afterwards(
  pair: PairSettings,
  keep: string,
  gateways: readonly GatewaySettings[],
  t: Translate,
): SingleAgain {
  const otherId = pair.primary === keep ? pair.standby : pair.primary;
  const nameOf = (gatewayId: string): string =>
    gateways.find(({ id }) => id === gatewayId)?.name ?? gatewayId;
  const said = [
    t('single.done', { name: nameOf(keep) }),
    t('single.done.other', { name: nameOf(otherId) }),
  ];
  if (pair.place.kind === 'this-computer') return { words: said.join(' '), commands: [] };
  const thereId = pair.place.here === 'primary' ? pair.standby : pair.primary;
  const stays = thereId === keep;
  const folder = `~/switchyard-${pair.id}`;
  return {
    words: [...said, t('single.there')].join(' '),
    commands: [
      `# ${t('single.there.stop')}`,
      `node "$SWITCHYARD/out/node/guardian.js" stop --config ${folder}/guardian.json`,
      `# ${t(stays ? 'single.there.on' : 'single.there.off', { name: nameOf(keep) })}`,
      `openclaw config set cron.enabled ${stays} --strict-json`,
      `# ${t('single.there.channels')}`,
      `# openclaw config set channels.NAME.enabled ${stays} --strict-json`,
      `# ${t('single.there.plugin')}`,
      // Off, not out: the list of paths may hold other plugins.
      `openclaw config set plugins.entries.${fencePluginId}.enabled false --strict-json`,
      `openclaw gateway restart`,
      `# ${t('single.there.folder')}`,
      `rm -r ${folder}`,
    ],
  };
}
