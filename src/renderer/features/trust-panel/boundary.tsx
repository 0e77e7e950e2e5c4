import { ShieldAlert, ShieldCheck, ShieldQuestion } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

import type { BoundaryView, GatewayView } from '../../../shared/index.ts';
import { t } from '../../app/words.ts';

const marks: Readonly<
  Record<BoundaryView['strength'], { readonly icon: LucideIcon; readonly style: string }>
> = {
  strong: { icon: ShieldCheck, style: 'text-good' },
  fair: { icon: ShieldAlert, style: 'text-warn' },
  weak: { icon: ShieldAlert, style: 'text-bad' },
  unknown: { icon: ShieldQuestion, style: 'text-ink-3' },
};

/** How much lies between the agents of personal and this app, with what shows it. */
export function Boundary(props: {
  readonly gateways: readonly Pick<GatewayView, 'id' | 'name'>[];
  readonly boundary: BoundaryView;
}): ReactNode {
  const { boundary } = props;
  const { strength, keyring } = boundary;
  const { icon: Mark, style } = marks[strength];
  const nameOf = (id: string): string =>
    props.gateways.find((gateway) => gateway.id === id)?.name ?? id;
  return (
    <section aria-labelledby="trust-boundary">
      <h3 id="trust-boundary" className="heading mb-2">
        {t('trust.boundary')}
      </h3>
      <div className="rounded-lg border border-line bg-raise px-3 py-2.5">
        <p className="flex items-start gap-2">
          <Mark aria-hidden className={`mt-0.5 size-4 shrink-0 ${style}`} strokeWidth={1.75} />
          <span>{boundaryWords(boundary, nameOf)}</span>
        </p>
        {strength !== 'unknown' && (
          <dl className="mt-2 flex flex-col gap-1 border-t border-line pt-2 text-xs leading-4">
            {boundary.gateways.map(({ gatewayId, place, detail }) => (
              <Fact key={gatewayId} name={nameOf(gatewayId)} word={t(`trust.place.${place}`)}>
                {detail}
              </Fact>
            ))}
            <Fact
              name={t('trust.boundary.keyring')}
              word={t(`trust.boundary.keyring.${keyring.kind}`)}
            >
              {keyring.detail}
            </Fact>
          </dl>
        )}
      </div>
    </section>
  );
}

function Fact(props: {
  readonly name: string;
  readonly word: string;
  readonly children: string;
}): ReactNode {
  return (
    <div className="flex gap-2">
      <dt className="w-28 shrink-0 truncate text-ink-2">{props.name}</dt>
      <dd className="selectable min-w-0 flex-1 wrap-anywhere">
        <span className="font-medium">{props.word}</span>
        {props.children !== '' && <span className="text-ink-2"> ({props.children})</span>}
      </dd>
    </div>
  );
}

function boundaryWords(
  { strength, gateways, keyring }: BoundaryView,
  nameOf: (gatewayId: string) => string,
): string {
  const at = (place: string): string =>
    gateways
      .filter((gateway) => gateway.place === place)
      .map(({ gatewayId }) => nameOf(gatewayId))
      .join(', ');
  if (strength === 'strong') return t('trust.boundary.strong', { keyring: keyring.detail });
  if (strength === 'weak') return t('trust.boundary.weak', { names: at('same-user') });
  if (strength === 'unknown') return t('trust.boundary.unknown');
  const reasons = [
    ...(at('unknown') === '' ? [] : [t('trust.boundary.why.place', { names: at('unknown') })]),
    ...(keyring.kind === 'memory'
      ? [t('trust.boundary.why.keyring', { detail: keyring.detail })]
      : []),
  ];
  return t('trust.boundary.fair', { why: reasons.join(', ') });
}
