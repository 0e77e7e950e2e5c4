import { CircleCheck, CircleX } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';

import { errorText } from '../../../../base/index.ts';
import { pairFaults, secretOf, tsigAlgorithms } from '../../../../shared/index.ts';
import type { PairForm, PairTestPart, WordKey } from '../../../../shared/index.ts';
import { t } from '../../../app/words.ts';
import { ChoiceField, RadioCards, TextField } from './fields.tsx';
import { changeForm, missingSecret, partOf, secretPlace, setupStore } from './setup-store.ts';
import type { StepProps } from './step-props.ts';

/** The third place, which says who is active. */
export function RegisterStep(props: StepProps): ReactNode {
  const { form } = props.state;
  return (
    <>
      <p className="text-ink-2">{t('setup.register.intro')}</p>
      <RadioCards
        legend={t('setup.field.register')}
        value={form.register}
        options={(['witness', 'rfc2136'] as const).map((value) => ({
          value,
          title: t(`setup.register.${value}`),
          detail: t(`setup.register.${value}.detail`),
        }))}
        onChange={(register) => {
          changeForm({ register });
        }}
      />
      {form.register === 'witness' ? (
        <Fields {...props} names={['witnessHost', 'witnessPort']} />
      ) : (
        <>
          <Fields
            {...props}
            names={['bindServer', 'bindPort', 'bindZone', 'bindName', 'bindTtl', 'bindKeyName']}
          />
          <ChoiceField
            label={t('setup.field.bindAlgorithm')}
            value={form.bindAlgorithm}
            options={tsigAlgorithms.map((value) => ({ value, label: value }))}
            onChange={(value) => {
              changeForm({
                bindAlgorithm: tsigAlgorithms.find((name) => name === value) ?? 'hmac-sha256',
              });
            }}
          />
        </>
      )}
      <SecretAndTest {...props} part="register" />
    </>
  );
}

const providers = ['none', 'dnsmasq', 'pihole', 'cloudflare', 'route53'] as const;

/** The name that other programs follow. */
export function DnsStep(props: StepProps): ReactNode {
  const { form } = props.state;
  return (
    <>
      <p className="text-ink-2">{t('setup.dns.intro')}</p>
      {form.register === 'rfc2136' && (
        <p className="text-ink-2">{t('setup.dns.rfc2136', { name: form.bindName })}</p>
      )}
      <ChoiceField
        label={t('setup.field.dns')}
        value={form.dns}
        options={providers.map((value) => ({ value, label: t(`setup.dns.${value}`) }))}
        hint={
          form.dns === 'none' ? '' : `${t(`setup.dns.${form.dns}.why`)} ${t('setup.dns.chromium')}`
        }
        onChange={(value) => {
          changeForm({ dns: providers.find((name) => name === value) ?? 'none' });
        }}
      />
      <Fields {...props} names={dnsFields[form.dns]} />
      {form.dns !== 'none' && <SecretAndTest {...props} part="dns" />}
    </>
  );
}

type TextName =
  | 'witnessHost'
  | 'witnessPort'
  | 'bindServer'
  | 'bindPort'
  | 'bindZone'
  | 'bindName'
  | 'bindKeyName'
  | 'bindTtl'
  | 'dnsName'
  | 'dnsResolver'
  | 'dnsmasqFolder'
  | 'piholeUrl'
  | 'dnsZoneId'
  | 'route53KeyId'
  | 'dnsTtl';

const dnsFields: Readonly<Record<PairForm['dns'], readonly TextName[]>> = {
  none: [],
  dnsmasq: ['dnsName', 'dnsmasqFolder', 'dnsResolver'],
  pihole: ['dnsName', 'piholeUrl', 'dnsResolver'],
  cloudflare: ['dnsName', 'dnsZoneId', 'dnsTtl', 'dnsResolver'],
  route53: ['dnsName', 'dnsZoneId', 'route53KeyId', 'dnsTtl', 'dnsResolver'],
};

const hints: Partial<Record<TextName, WordKey>> = {
  bindTtl: 'setup.field.bindTtl.hint',
  dnsResolver: 'setup.field.dnsResolver.hint',
};

function Fields(props: StepProps & { readonly names: readonly TextName[] }): ReactNode {
  const { state, faults, names } = props;
  return names.map((name) => {
    const hint = hints[name];
    return (
      <TextField
        key={name}
        label={t(`setup.field.${name}`)}
        value={state.form[name]}
        {...(hint === undefined ? {} : { hint: t(hint) })}
        fault={faults[name]}
        onChange={(value) => {
          changeForm({ [name]: value });
        }}
      />
    );
  });
}

/** The secret is asked for above the window and stays in main; a test tries what is filled in before anything is saved. */
function SecretAndTest(props: StepProps & { readonly part: PairTestPart }): ReactNode {
  const { state, options, bridge, part } = props;
  const { form } = state;
  const what = secretOf(form, part);
  const missing = missingSecret(state, part) !== null;
  const isFaulty = Object.keys(pairFaults(form, part, options)).length > 0;
  const [running, setRunning] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const result = state.tests[part];

  function showFaults(): void {
    setupStore.setState({ tried: [...new Set([...state.tried, part])] });
    setProblem(t('setup.test.faults'));
  }

  async function enter(): Promise<void> {
    if (isFaulty || what === null) {
      showFaults();
      return;
    }
    const reply = await bridge.askSecret({ what, form });
    setProblem(reply.ok ? null : reply.error.message);
    if (!reply.ok || !reply.value.given) return;
    const place = secretPlace(form, what);
    setupStore.setState(({ entered }) => ({ entered: { ...entered, [what]: place } }));
  }

  async function test(): Promise<void> {
    if (isFaulty) {
      showFaults();
      return;
    }
    setRunning(true);
    setProblem(null);
    try {
      const reply = await bridge.test({ part, form });
      if (!reply.ok) setProblem(reply.error.message);
      else {
        const tested = partOf(form, part);
        setupStore.setState(({ tests }) => ({
          tests: { ...tests, [part]: { tested, steps: reply.value } },
        }));
      }
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      setRunning(false);
    }
  }

  return (
    <>
      {what !== null && (
        <div className="flex items-center gap-3 rounded-lg border border-line bg-raise px-3 py-2">
          <div className="min-w-0 flex-1">
            <p className="font-medium">
              {t(what === 'dns' ? 'setup.secret.dns' : 'setup.secret.register')}
            </p>
            <p className={`text-xs leading-4 ${missing ? 'text-ink-2' : 'text-good'}`}>
              {t(missing ? 'setup.secret.needed' : 'setup.secret.given')}
            </p>
          </div>
          <button type="button" className="button" onClick={() => void enter()}>
            {t(missing ? 'setup.secret.enter' : 'setup.secret.again')}
          </button>
        </div>
      )}
      <section
        aria-label={t('setup.test.results')}
        className="rounded-lg border border-line bg-raise px-3 py-2"
      >
        <div className="flex items-center gap-3">
          <p aria-live="polite" className="min-w-0 flex-1 text-xs leading-4 text-ink-2">
            {running ? t('setup.testing') : t(standing(result, partOf(form, part)))}
          </p>
          <button type="button" className="button" disabled={running} onClick={() => void test()}>
            {t(result === undefined ? 'setup.test' : 'setup.test.again')}
          </button>
        </div>
        {result !== undefined && !running && (
          <ul className="mt-2 flex flex-col gap-1.5 border-t border-line pt-2 text-xs leading-4">
            {result.steps.map(({ ok, words }) => {
              const Mark = ok ? CircleCheck : CircleX;
              return (
                <li key={words} className="flex gap-2">
                  <Mark
                    aria-label={t(ok ? 'setup.test.passed' : 'setup.test.failed')}
                    role="img"
                    className={`size-4 shrink-0 ${ok ? 'text-good' : 'text-bad'}`}
                    strokeWidth={1.75}
                  />
                  <span className="min-w-0 wrap-anywhere">{words}</span>
                </li>
              );
            })}
          </ul>
        )}
      </section>
      <p role="alert" className={problem === null ? 'sr-only' : 'text-xs leading-4 text-bad'}>
        {problem}
      </p>
    </>
  );
}

function standing(result: StepProps['state']['tests'][PairTestPart], current: string): WordKey {
  if (result === undefined) return 'setup.test.untested';
  if (result.tested !== current) return 'setup.test.stale';
  return result.steps.every(({ ok }) => ok) ? 'setup.test.passed' : 'setup.test.failed';
}
