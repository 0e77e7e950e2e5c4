import { assertNever } from '../base/index.ts';
import type { Translate } from './i18n/index.ts';
import type { Because, ConnectionState, RouteDecision } from './model.ts';

export type NextStep = 'none' | 'reconnect' | 'enter-token' | 'start';

export interface StateWords {
  readonly word: string;
  readonly detail: string;
  readonly next: NextStep;
}

/** What a connection state is called, what it means, and what a person can do about it. `nowMs`: wall time. */
export function describeState(t: Translate, state: ConnectionState, nowMs: number): StateWords {
  switch (state.phase) {
    case 'starting':
      return { word: t('state.starting'), detail: t(`state.starting.${state.step}`), next: 'none' };
    case 'ready':
      return {
        word: t('state.ready'),
        detail: t('state.ready.detail', { version: state.version }),
        next: 'none',
      };
    case 'pairing':
      return {
        word: t('state.pairing'),
        detail:
          state.requestId === null
            ? t('state.pairing.unknown')
            : t('state.pairing.detail', { requestId: state.requestId }),
        next: 'none',
      };
    case 'refused':
      return {
        word: t('state.refused'),
        detail: t(`state.refused.${state.reason}`, { detail: state.detail }),
        next:
          state.reason === 'token-missing' || state.reason === 'token-wrong'
            ? 'enter-token'
            : 'reconnect',
      };
    case 'draining':
      return {
        word: t('state.draining'),
        detail: t(state.restartExpected ? 'state.draining.restart' : 'state.draining.stop'),
        next: 'none',
      };
    case 'offline': {
      const detail = t(`state.offline.${state.reason}`, { detail: state.detail });
      const retry =
        state.retryAtMs === null
          ? ''
          : ` ${t('state.retry', { seconds: Math.max(0, Math.ceil((state.retryAtMs - nowMs) / 1000)) })}`;
      const startable =
        state.reason === 'stopped' ||
        state.reason === 'crash-loop' ||
        state.reason === 'config' ||
        state.reason === 'port-in-use';
      return {
        word: t('state.offline'),
        detail: detail + retry,
        next: startable ? 'start' : state.reason === 'bad-url' ? 'none' : 'reconnect',
      };
    }
    default:
      return assertNever(state);
  }
}

/** The reason of a route as half a sentence: "it contains “ATLAS” (rule 3, Projects)". */
export function becauseText(t: Translate, because: Because): string {
  switch (because.code) {
    case 'rule':
      return t(`because.rule.${because.condition}`, {
        matched: because.matched,
        number: because.number,
        rule: because.rule,
      });
    case 'named':
    case 'bound':
    case 'unknown-name':
      return t(`because.${because.code}`, { name: because.name });
    case 'trust':
      return t('because.trust', { source: because.source, target: because.target });
    case 'rule-without-gateway':
      return t('because.rule-without-gateway', {
        number: because.number,
        rule: because.rule,
        domain: because.domain,
      });
    case 'empty':
    case 'nothing-decides':
      return t(`because.${because.code}`);
    default:
      return assertNever(because);
  }
}

/** The Route status as a sentence: "Work, because it contains “ATLAS” (rule 1, Projects)". `target`: the pane's name. */
export function routeText(t: Translate, decision: RouteDecision, target: string | null): string {
  const because = becauseText(t, decision.because);
  if (decision.action === 'stay') return because;
  if (decision.because.code === 'trust') return t('route.refused', { because });
  return decision.action === 'send' && target !== null
    ? t('route.send', { target, because })
    : t('route.ask', { because });
}
