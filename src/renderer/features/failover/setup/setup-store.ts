/**
 * The set-up of a pair as far as it is filled in. It lives as long as the page, so that closing the panel loses nothing
 * that was typed. No secret is in it, only which ones main was given.
 */
import { createStore } from 'zustand/vanilla';

import { emptyPairForm, pairSecrets, secretOf, stepsOf } from '../../../../shared/index.ts';
import type {
  PairForm,
  PairSecret,
  PairStep,
  PairTestPart,
  PairTestStep,
} from '../../../../shared/index.ts';

export interface PairTestResult {
  /** The part of the form that was tested. */
  readonly tested: string;
  readonly steps: readonly PairTestStep[];
}

export interface SetupState {
  readonly isOpen: boolean;
  /** Something was typed or chosen since it was last empty. */
  readonly isBegun: boolean;
  readonly form: PairForm;
  readonly step: PairStep;
  /** Steps the person tried to leave: their faults are shown. */
  readonly tried: readonly PairStep[];
  /** What main was given, and for which part of the form. */
  readonly entered: Partial<Record<PairSecret, string>>;
  readonly tests: Partial<Record<PairTestPart, PairTestResult>>;
  /** The pair that was just saved. */
  readonly saved: { readonly pairId: string; readonly name: string; readonly two: boolean } | null;
}

const empty: SetupState = {
  isOpen: false,
  isBegun: false,
  form: emptyPairForm,
  step: 'place',
  tried: [],
  entered: {},
  tests: {},
  saved: null,
};

export const setupStore = createStore<SetupState>(() => empty);

/** Shows the set-up, where it was left. */
export function openSetup(): void {
  setupStore.setState({ isOpen: true });
}

/** Leaves the set-up; what was typed stays. */
export function leaveSetup(): void {
  const { saved } = setupStore.getState();
  setupStore.setState(saved === null ? { isOpen: false } : empty);
}

/** Begins again with an empty form. */
export function restartSetup(): void {
  setupStore.setState({ ...empty, isOpen: true });
}

/** Puts what was typed or chosen into the form. */
export function changeForm(change: Partial<PairForm>): void {
  setupStore.setState(({ form }) => ({ form: { ...form, ...change }, isBegun: true }));
}

/** The part of the form that a test or a secret is about, to tell whether it has changed since. */
export function partOf(form: PairForm, part: PairTestPart): string {
  const {
    register,
    witnessHost,
    witnessPort,
    bindServer,
    bindPort,
    bindZone,
    bindName,
    bindKeyName,
    bindAlgorithm,
  } = form;
  const { dns, dnsName, dnsResolver, dnsmasqFolder, piholeUrl, dnsZoneId, route53KeyId, dnsTtl } =
    form;
  if (part === 'dns') {
    return JSON.stringify([
      dns,
      dnsName,
      dnsResolver,
      dnsmasqFolder,
      piholeUrl,
      dnsZoneId,
      route53KeyId,
      dnsTtl,
    ]);
  }
  return JSON.stringify(
    register === 'witness'
      ? [register, witnessHost, witnessPort]
      : [register, bindServer, bindPort, bindZone, bindName, bindKeyName, bindAlgorithm],
  );
}

/** Whom a secret is for: what it was entered for must still be what the form says. Main judges by the same fields. */
export function secretPlace(form: PairForm, what: PairSecret): string {
  if (what === 'register') {
    return form.register === 'witness'
      ? `${form.witnessHost.trim()}:${form.witnessPort.trim()}`
      : `${form.bindKeyName.trim()} ${form.bindServer.trim()}:${form.bindPort.trim()}`;
  }
  return `${form.dns} ${form.piholeUrl.trim()} ${form.dnsZoneId.trim()} ${form.route53KeyId.trim()}`;
}

/** The steps of this form and where the person is. */
export function progressOf({ form, step }: Pick<SetupState, 'form' | 'step'>): {
  readonly steps: readonly PairStep[];
  readonly index: number;
} {
  const steps = stepsOf(form);
  return { steps, index: Math.max(0, steps.indexOf(step)) };
}

/** The secret that a step still lacks; null when it has all it needs. */
export function missingSecret(state: SetupState, step: PairStep): PairSecret | null {
  const what = secretOf(state.form, step);
  if (what === null || !pairSecrets.includes(what)) return null;
  return state.entered[what] === secretPlace(state.form, what) ? null : what;
}
