import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useStore } from 'zustand';

import { errorText } from '../../../../base/index.ts';
import { pairFaults } from '../../../../shared/index.ts';
import type {
  BackupProgress,
  Bridge,
  PairSetupOptions,
  PairStep,
} from '../../../../shared/index.ts';
import { useReply } from '../../../app/use-reply.ts';
import { t } from '../../../app/words.ts';
import { BackupFirst } from './backups.tsx';
import {
  changeForm,
  leaveSetup,
  missingSecret,
  progressOf,
  restartSetup,
  setupStore,
} from './setup-store.ts';
import { SetupDone } from './setup-done.tsx';
import { BehaviourStep, GatewaysStep, PlaceStep } from './steps-pair.tsx';
import { DnsStep, RegisterStep } from './steps-network.tsx';
import { ReviewStep } from './step-review.tsx';
import type { StepProps } from './step-props.ts';

/** The guided set-up: one question at a time, back and forth without loss, and one write at the end. */
export function SetupWizard(props: {
  readonly bridge: Bridge<'shell'>['pairs'];
  readonly backups: readonly BackupProgress[];
}): ReactNode {
  const { bridge, backups } = props;
  const { saved } = useStore(setupStore);
  const { reply } = useReply(bridge.options);
  if (saved !== null) return <SetupDone saved={saved} bridge={bridge} backups={backups} />;
  if (reply === null) return null;
  return reply.ok ? (
    <Steps bridge={bridge} backups={backups} options={reply.value} />
  ) : (
    <p role="alert" className="text-bad">
      {t('setup.unread', { message: reply.error.message })}
    </p>
  );
}

function Steps(props: {
  readonly bridge: Bridge<'shell'>['pairs'];
  readonly backups: readonly BackupProgress[];
  readonly options: PairSetupOptions;
}): ReactNode {
  const { bridge, backups, options } = props;
  const state = useStore(setupStore);
  const { form, tried } = state;
  const { steps, index } = progressOf(state);
  const step = steps[index] ?? 'place';
  const title = useRef<HTMLHeadingElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const [saving, setSaving] = useState(false);
  // What an earlier set-up backed up is not shown as this one's.
  const [wasSaved, setWasSaved] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const faults = pairFaults(form, step, options);
  const missing = missingSecret(state, step);
  const isLast = index === steps.length - 1;

  // Each step reads from its top.
  useEffect(() => {
    title.current?.focus();
  }, [step]);

  function goTo(next: PairStep | undefined): void {
    setProblem(null);
    if (next !== undefined) setupStore.setState({ step: next });
  }

  function next(): void {
    setupStore.setState({ tried: [...new Set([...tried, step])] });
    if (Object.keys(faults).length > 0) {
      // The faults are drawn by then; the person is put where the first one is.
      requestAnimationFrame(() => {
        body.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
      });
      return;
    }
    if (missing !== null)
      setProblem(t(`setup.secret.${missing === 'dns' ? 'dns' : 'register'}.missing`));
    else if (!isLast) goTo(steps[index + 1]);
    else if (!form.consent) setProblem(t('setup.consent.missing'));
    else void save();
  }

  async function save(): Promise<void> {
    setSaving(true);
    setWasSaved(true);
    setProblem(null);
    try {
      const reply = await bridge.save(form);
      if (reply.ok) {
        setupStore.setState({
          saved: {
            pairId: reply.value.pairId,
            name: form.name,
            two: form.place === 'two-computers',
          },
        });
      } else setProblem(reply.error.message);
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      setSaving(false);
    }
  }

  const stepProps: StepProps = {
    state,
    options,
    bridge,
    faults: tried.includes(step) ? faults : {},
    goTo,
  };
  return (
    <form
      aria-label={t('setup.title')}
      className="flex flex-col gap-4"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        next();
      }}
    >
      <header>
        <p className="text-xs text-ink-2">
          {t('setup.progress', {
            number: index + 1,
            count: steps.length,
            step: t(`setup.step.${step}`),
          })}
        </p>
        <h3
          ref={title}
          tabIndex={-1}
          className="text-[15px] leading-6 font-semibold focus-visible:outline-none"
        >
          {t(`setup.heading.${step}`)}
        </h3>
        <ol aria-hidden className="mt-2 flex gap-1">
          {steps.map((each, place) => (
            <li
              key={each}
              className={`h-1 flex-1 rounded-full ${place <= index ? 'bg-solid' : 'bg-press'}`}
            />
          ))}
        </ol>
      </header>
      <div ref={body} className="flex flex-col gap-4">
        {content(step, stepProps)}
        {step === 'review' && (
          <BackupFirst
            backups={wasSaved ? backups : []}
            two={form.place === 'two-computers'}
            isSaving={saving}
            noBackup={form.noBackup}
            bridge={bridge}
            onNoBackup={(noBackup) => {
              changeForm({ noBackup });
            }}
          />
        )}
      </div>
      <p role="alert" className={problem === null ? 'sr-only' : problemStyle}>
        {problem}
      </p>
      <footer className="flex items-center gap-2 border-t border-line pt-4">
        <button
          type="button"
          className="button button-quiet h-8"
          title={t('setup.cancel.detail')}
          onClick={leaveSetup}
        >
          {t('setup.cancel')}
        </button>
        {state.isBegun && (
          <button type="button" className="button button-quiet h-8" onClick={restartSetup}>
            {t('setup.discard')}
          </button>
        )}
        <span className="flex-1" />
        {index > 0 && (
          <button
            type="button"
            className="button h-8 px-3"
            onClick={() => {
              goTo(steps[index - 1]);
            }}
          >
            {t('setup.back')}
          </button>
        )}
        <button type="submit" className="button button-primary h-8 px-3" disabled={saving}>
          {t(saving ? 'setup.saving' : isLast ? 'setup.save' : 'setup.next')}
        </button>
      </footer>
    </form>
  );
}

const problemStyle = 'rounded-md bg-bad-soft px-3 py-2 text-xs leading-4 text-ink';

function content(step: PairStep, stepProps: StepProps): ReactNode {
  switch (step) {
    case 'place':
      return <PlaceStep {...stepProps} />;
    case 'gateways':
      return <GatewaysStep {...stepProps} />;
    case 'behaviour':
      return <BehaviourStep {...stepProps} />;
    case 'register':
      return <RegisterStep {...stepProps} />;
    case 'dns':
      return <DnsStep {...stepProps} />;
    case 'review':
      return <ReviewStep {...stepProps} />;
  }
}
