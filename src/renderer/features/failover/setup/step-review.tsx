import { Pencil } from 'lucide-react';
import type { ReactNode } from 'react';

import type {
  PairForm,
  PairSetupOptions,
  PairStep,
  PairTestPart,
} from '../../../../shared/index.ts';
import { t } from '../../../app/words.ts';
import { IconButton } from '../../../components/icon-button.tsx';
import { changeForm, partOf } from './setup-store.ts';
import type { SetupState } from './setup-store.ts';
import type { StepProps } from './step-props.ts';

/** Everything once more, and the consent without which nothing is installed. */
export function ReviewStep({ state, options, goTo }: StepProps): ReactNode {
  const { form } = state;
  const rows: readonly {
    readonly step: PairStep;
    readonly term: string;
    readonly words: string;
  }[] = [
    { step: 'place', term: t('setup.review.place'), words: t(`setup.place.${form.place}`) },
    { step: 'gateways', term: t('setup.review.members'), words: memberWords(form, options) },
    {
      step: 'behaviour',
      term: t('setup.review.behaviour'),
      words: `${t(`setup.profile.${form.profile}`)}. ${t(form.preempt ? 'setup.preempt.on' : 'setup.preempt.off')}.`,
    },
    {
      step: 'behaviour',
      term: t('failover.files'),
      words: t(`setup.files.${form.files}`),
    },
    ...(form.place === 'two-computers'
      ? ([
          {
            step: 'register',
            term: t('setup.review.register'),
            words: `${registerWords(form)} ${testWords(state, 'register')}`,
          },
          {
            step: 'dns',
            term: t('setup.review.dns'),
            words:
              form.dns === 'none'
                ? t('setup.dns.none')
                : `${form.dnsName}, ${t(`setup.dns.${form.dns}`)}. ${testWords(state, 'dns')}`,
          },
        ] as const)
      : []),
  ];
  return (
    <>
      <dl className="divide-y divide-line rounded-lg border border-line bg-raise">
        {rows.map(({ step, term, words }) => (
          <div key={term} className="flex items-start gap-2 py-2 pr-1.5 pl-3">
            <dt className="w-20 shrink-0 pt-1 text-xs text-ink-2">{term}</dt>
            <dd className="min-w-0 flex-1 pt-1 text-xs leading-4 wrap-anywhere">{words}</dd>
            <dd>
              <IconButton
                icon={Pencil}
                name={t('setup.review.change', { step: term })}
                onPress={() => {
                  goTo(step);
                }}
              />
            </dd>
          </div>
        ))}
      </dl>
      <label className="flex items-start gap-2.5 rounded-lg border border-line bg-raise px-3 py-2.5">
        <input
          type="checkbox"
          checked={form.consent}
          aria-describedby="setup-consent"
          className="mt-[3px] size-3.5 shrink-0 accent-solid"
          onChange={({ target }) => {
            changeForm({ consent: target.checked });
          }}
        />
        <span>
          <span className="block font-medium">{t('setup.field.consent')}</span>
          <span id="setup-consent" className="block text-xs leading-4 text-ink-2">
            {t('setup.consent.detail')}
          </span>
        </span>
      </label>
    </>
  );
}

function memberWords(form: PairForm, options: PairSetupOptions): string {
  const nameOf = (id: string): string =>
    options.candidates.find((candidate) => candidate.id === id)?.name ?? id;
  const first = nameOf(form.gatewayId);
  const second = form.second === 'existing' ? nameOf(form.secondId) : form.secondName.trim();
  const isFirst = form.place === 'this-computer' || form.here === 'primary';
  const members = t('setup.review.members.value', {
    primary: isFirst ? first : second,
    standby: isFirst ? second : first,
  });
  return `${form.name.trim()}: ${members}`;
}

function registerWords(form: PairForm): string {
  return form.register === 'witness'
    ? `${t('setup.register.witness')} ${form.witnessHost.trim()}:${form.witnessPort.trim()}.`
    : `${t('setup.register.rfc2136')} ${form.bindServer.trim()}, ${form.bindName.trim()}.`;
}

function testWords(state: SetupState, part: PairTestPart): string {
  const result = state.tests[part];
  if (result === undefined) return t('setup.test.untested');
  if (result.tested !== partOf(state.form, part)) return t('setup.test.stale');
  return t(result.steps.every(({ ok }) => ok) ? 'setup.test.passed' : 'setup.test.failed');
}
