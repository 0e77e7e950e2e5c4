/** The duties of a pair: carries jobs from whichever of its gateways is active here, and says who runs what. */
import type { Clock } from '../../base/index.ts';
import type { DutiesView, DutyChannelView } from '../../shared/index.ts';
import { passedOverWords } from '../fence/schedule-gate.ts';
import type { DutiesPort } from '../ports.ts';
import { woken } from '../woken.ts';
import { startCarrier } from './carrier.ts';
import type { Carrier } from './carrier.ts';
import { interruptedWords, isConflict } from './model.ts';
import type { ChannelState, DutiesLook } from './model.ts';
import type { Duties } from './ports.ts';

export interface DutiesPortOptions {
  /** The duties of a gateway; null: it cannot be reached from here. */
  readonly duties: (gatewayId: string) => Duties | null;
  readonly otherOf: (gatewayId: string) => string;
  /** What people call a gateway. */
  readonly nameOf: (gatewayId: string) => string;
  readonly clock: Clock;
  readonly onChange: () => void;
  /** Something polls a bot beside the active gateway: evidence of a second one that acts, for the timeline. */
  readonly onConflict: (gatewayId: string, words: string) => void;
}

/** Makes a port that carries nothing yet. */
export function openDutiesPort(options: DutiesPortOptions): DutiesPort {
  const { clock, nameOf, otherOf } = options;
  let running: {
    readonly gatewayId: string;
    readonly epoch: number;
    readonly carrier: Carrier;
  } | null = null;
  const waiting = new Set<() => void>();
  /** Channels whose conflict is on the timeline. */
  let conflicts = new Set<string>();

  const heed = (gatewayId: string, channels: readonly ChannelState[]): void => {
    const present = new Set<string>();
    for (const one of channels.filter(isConflict)) {
      const key = `${gatewayId} ${one.channel} ${one.account}`;
      present.add(key);
      if (!conflicts.has(key)) options.onConflict(gatewayId, conflictWords(one.channel));
    }
    conflicts = present;
  };
  const onChange = (): void => {
    for (const look of [...waiting]) look();
    const active = running?.carrier.state().active ?? null;
    if (running !== null && active !== null && active.schedule === 'running')
      heed(running.gatewayId, active.channels);
    options.onChange();
  };

  return {
    follow: (active) => {
      if (active?.gatewayId === running?.gatewayId && active?.epoch === running?.epoch) return;
      running?.carrier.stop();
      running = null;
      if (active === null) return;
      const here = options.duties(active.gatewayId);
      const there = options.duties(otherOf(active.gatewayId));
      if (here === null || there === null) return;
      const { gatewayId, epoch } = active;
      const carrier = startCarrier({ active: here, standby: there, epoch, clock, onChange });
      running = { gatewayId, epoch, carrier };
    },
    handedOver: async (waitMs) => {
      const isOver = (): boolean => {
        const state = running?.carrier.state();
        return (
          state === undefined || state.quiet || state.kind === 'away' || state.kind === 'refused'
        );
      };
      await woken(waiting, clock, waitMs, isOver);
    },
    view: () => {
      if (running === null) return null;
      const { gatewayId, carrier } = running;
      const { kind, active, standby, onlyThere, failed, detail } = carrier.state();
      const names = { active: nameOf(gatewayId), standby: nameOf(otherOf(gatewayId)) };
      return {
        state: kind,
        runsOn: active?.schedule === 'running' ? gatewayId : null,
        jobs: active?.jobs.length ?? 0,
        interrupted: unfinished(active),
        onlyOnStandby: onlyThere,
        channels: channelsOf(gatewayId, active, standby, names),
        problems: [
          ...problemsOf(names.active, active),
          ...problemsOf(names.standby, standby),
          ...failed.map((name) => `${names.standby} did not take the job “${name}”.`),
        ],
        detail,
      } satisfies DutiesView;
    },
  };
}

/** Jobs of which it is not known whether they came to their end, by name. */
function unfinished(look: DutiesLook | null): readonly string[] {
  const words: readonly unknown[] = [interruptedWords, passedOverWords];
  const left = look?.jobs.filter(({ progress }) => words.includes(progress['lastError'])) ?? [];
  return left.map(({ name, id }) => (name === '' ? id : name));
}

function channelsOf(
  activeId: string,
  active: DutiesLook | null,
  standby: DutiesLook | null,
  names: { readonly active: string; readonly standby: string },
): readonly DutyChannelView[] {
  const used = (look: DutiesLook | null): readonly ChannelState[] =>
    look?.channels.filter(({ ready, running }) => ready || running) ?? [];
  const kinds = new Set([...used(active), ...used(standby)].map(({ channel }) => channel));
  return [...kinds].sort().map((channel) => {
    const here = used(active).filter((one) => one.channel === channel);
    const there = used(standby).filter((one) => one.channel === channel);
    const running = here.some((one) => one.running);
    const said = here.find(isConflict) === undefined ? here.find((one) => one.detail !== '') : null;
    return {
      channel,
      runsOn: running ? activeId : null,
      detail: [
        here.length === 0 ? `It is not set up on ${names.active}.` : '',
        standby !== null && there.length === 0
          ? `It is not set up on ${names.standby}: after a change of roles nobody answers there.`
          : '',
        there.some((one) => one.running) ? `${names.standby} still runs it.` : '',
        here.some(isConflict) ? conflictWords(channel) : '',
        said?.detail ?? '',
      ]
        .filter((words) => words !== '')
        .join(' '),
    };
  });
}

function problemsOf(name: string, look: DutiesLook | null): readonly string[] {
  return look?.problems.map((words) => `${name}: ${words}.`) ?? [];
}

function conflictWords(channel: string): string {
  return `Another program polls the bot of ${channel}: is a second gateway active?`;
}
