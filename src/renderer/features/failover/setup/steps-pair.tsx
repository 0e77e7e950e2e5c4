import type { ReactNode } from 'react';

import type { PairCandidate, PairForm } from '../../../../shared/index.ts';
import { t } from '../../../app/words.ts';
import { FilesWay } from '../files-choice.tsx';
import { ChoiceField, RadioCards, TextField } from './fields.tsx';
import { changeForm } from './setup-store.ts';
import type { StepProps } from './step-props.ts';

/** Where the two run: it decides what the pair protects from, and what else is asked. */
export function PlaceStep({ state: { form } }: StepProps): ReactNode {
  return (
    <RadioCards
      legend={t('setup.place')}
      value={form.place}
      options={(['this-computer', 'two-computers'] as const).map((value) => ({
        value,
        title: t(`setup.place.${value}`),
        detail: t(`setup.place.${value}.detail`),
      }))}
      onChange={(place) => {
        // On one computer the other gateway is ours to run; on two it runs there.
        const second = place === 'two-computers' ? 'elsewhere' : 'new';
        changeForm({ place, second, secondId: '' });
      }}
    />
  );
}

/** The two gateways and their common name. */
export function GatewaysStep({ state, options, faults }: StepProps): ReactNode {
  const { form } = state;
  const two = form.place === 'two-computers';
  const here = options.candidates.filter(({ kind }) => kind === 'managed');
  const first = here.find(({ id }) => id === form.gatewayId);
  const others = options.candidates.filter(
    ({ id, kind }) => id !== form.gatewayId && kind === (two ? 'remote' : 'managed'),
  );
  if (here.every(({ obstacle }) => obstacle !== null)) return <p>{t('setup.no-gateway')}</p>;
  const seconds = (two ? (['elsewhere', 'existing'] as const) : (['new', 'existing'] as const)).map(
    (value) => ({
      value,
      title: t(`setup.second.${value}`),
      ...(value === 'new'
        ? { detail: t('setup.second.new.detail', { port: options.freePort }) }
        : {}),
    }),
  );
  return (
    <>
      <ChoiceField
        label={t('setup.field.gatewayId')}
        value={form.gatewayId}
        options={[choose, ...here.map((candidate) => optionOf(candidate, null))]}
        fault={faults.gatewayId}
        onChange={(gatewayId) => {
          changeForm(
            suggestNames(
              form,
              here.find(({ id }) => id === gatewayId),
            ),
          );
        }}
      />
      {two && (
        <ChoiceField
          label={t('setup.field.here')}
          value={form.here}
          options={[
            { value: 'primary', label: t('setup.here.primary') },
            { value: 'standby', label: t('setup.here.standby') },
          ]}
          onChange={(value) => {
            changeForm({ here: value === 'standby' ? 'standby' : 'primary' });
          }}
        />
      )}
      <RadioCards
        legend={t('setup.field.second')}
        value={form.second}
        options={seconds}
        onChange={(second) => {
          changeForm({ second });
        }}
      />
      {form.second === 'existing' ? (
        <ChoiceField
          label={t('setup.field.secondId')}
          value={form.secondId}
          options={[
            choose,
            ...others.map((candidate) => optionOf(candidate, first?.domain ?? null)),
          ]}
          fault={faults.secondId}
          onChange={(secondId) => {
            changeForm({ secondId });
          }}
        />
      ) : (
        <TextField
          label={t('setup.field.secondName')}
          value={form.secondName}
          isPlain
          fault={faults.secondName}
          onChange={(secondName) => {
            changeForm({ secondName });
          }}
        />
      )}
      {form.second === 'elsewhere' && (
        <TextField
          label={t('setup.field.secondUrl')}
          value={form.secondUrl}
          hint={t('setup.field.secondUrl.hint')}
          fault={faults.secondUrl}
          onChange={(secondUrl) => {
            changeForm({ secondUrl });
          }}
        />
      )}
      {form.second === 'elsewhere' && (
        <TextField
          label={t('setup.field.secondFingerprint')}
          value={form.secondFingerprint}
          hint={t('setup.field.secondFingerprint.hint')}
          fault={faults.secondFingerprint}
          onChange={(secondFingerprint) => {
            changeForm({ secondFingerprint });
          }}
        />
      )}
      <TextField
        label={t('setup.field.name')}
        value={form.name}
        hint={t('setup.field.name.hint')}
        isPlain
        fault={faults.name}
        onChange={(name) => {
          changeForm({ name });
        }}
      />
      {two && <Addresses form={form} faults={faults} addresses={options.addresses} />}
    </>
  );
}

function Addresses(props: {
  readonly form: PairForm;
  readonly faults: StepProps['faults'];
  readonly addresses: readonly string[];
}): ReactNode {
  const { form, faults, addresses } = props;
  return (
    <>
      <TextField
        label={t('setup.field.hereAddress')}
        value={form.hereAddress}
        hint={t('setup.field.hereAddress.hint', { addresses: addresses.join(', ') || '–' })}
        fault={faults.hereAddress}
        onChange={(hereAddress) => {
          changeForm({ hereAddress });
        }}
      />
      <TextField
        label={t('setup.field.thereAddress')}
        value={form.thereAddress}
        fault={faults.thereAddress}
        onChange={(thereAddress) => {
          changeForm({ thereAddress });
        }}
      />
      <TextField
        label={t('setup.field.peerPort')}
        value={form.peerPort}
        hint={t('setup.field.peerPort.hint')}
        fault={faults.peerPort}
        onChange={(peerPort) => {
          changeForm({ peerPort });
        }}
      />
    </>
  );
}

/** How fast it is, whether the role goes back, and how the files are kept in step. */
export function BehaviourStep({
  state: { form },
  options: { hasGit },
  faults,
}: StepProps): ReactNode {
  return (
    <>
      <RadioCards
        legend={t('setup.field.profile')}
        value={form.profile}
        options={(['default', 'fast', 'safe'] as const).map((value) => ({
          value,
          title: t(`setup.profile.${value}`),
          detail: t(`setup.profile.${value}.detail`),
        }))}
        onChange={(profile) => {
          changeForm({ profile });
        }}
      />
      {form.place === 'this-computer' && (
        <p className="-mt-2 text-xs text-ink-2">{t('setup.profile.local')}</p>
      )}
      <RadioCards
        legend={t('setup.field.preempt')}
        value={form.preempt ? 'on' : 'off'}
        options={(['off', 'on'] as const).map((value) => ({
          value,
          title: t(`setup.preempt.${value}`),
          detail: t(`setup.preempt.${value}.detail`),
        }))}
        onChange={(value) => {
          changeForm({ preempt: value === 'on' });
        }}
      />
      {form.preempt && (
        <TextField
          label={t('setup.field.preemptDelay')}
          value={form.preemptDelay}
          fault={faults.preemptDelay}
          onChange={(preemptDelay) => {
            changeForm({ preemptDelay });
          }}
        />
      )}
      <FilesWay
        way={form.files}
        remote={form.gitRemote}
        hasGit={hasGit}
        onWay={(files) => {
          changeForm({ files });
        }}
        onRemote={(gitRemote) => {
          changeForm({ gitRemote });
        }}
      />
    </>
  );
}

const choose = { value: '', label: t('setup.choose') };

/** `domain`: the one it has to be in; null: any. */
function optionOf(candidate: PairCandidate, domain: string | null) {
  const obstacle =
    candidate.obstacle ??
    (domain !== null && candidate.domain !== domain ? t('setup.other-domain') : null);
  return {
    value: candidate.id,
    label: obstacle === null ? candidate.name : `${candidate.name} (${obstacle})`,
    disabled: obstacle !== null,
  };
}

/** Names for a fresh choice, where the person has not typed any. */
function suggestNames(
  form: PairForm,
  chosen: PairCandidate | undefined,
): Partial<PairForm> & Pick<PairForm, 'gatewayId'> {
  if (chosen === undefined) return { gatewayId: '' };
  return {
    gatewayId: chosen.id,
    ...(form.secondName === ''
      ? { secondName: t('setup.suggest.second', { name: chosen.name }) }
      : {}),
    ...(form.name === '' ? { name: t('setup.suggest.pair', { name: chosen.name }) } : {}),
  };
}
