import { useId } from 'react';
import type { ReactNode } from 'react';

import type { PairFault, WordKey } from '../../../../shared/index.ts';
import { t } from '../../../app/words.ts';

const boxStyle =
  'h-9 w-full rounded-md border bg-page px-3 text-sm text-ink select-text aria-invalid:border-bad';

/** A line of text with its label, a hint and, beside it, what is wrong with it. */
export function TextField(props: {
  readonly label: string;
  readonly value: string;
  readonly hint?: string;
  readonly fault: PairFault | undefined;
  readonly isPlain?: boolean;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const { value, isPlain = false, onChange } = props;
  return (
    <Labelled {...props}>
      {(control) => (
        <input
          {...control}
          value={value}
          maxLength={500}
          autoComplete="off"
          spellCheck={false}
          className={`${boxStyle} border-line-strong ${isPlain ? '' : 'font-mono text-[13px]'}`}
          onChange={({ target }) => {
            onChange(target.value);
          }}
        />
      )}
    </Labelled>
  );
}

/** A choice from a list; an option that cannot be taken says why. */
export function ChoiceField(props: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly {
    readonly value: string;
    readonly label: string;
    readonly disabled?: boolean;
  }[];
  readonly hint?: string;
  readonly fault?: PairFault | undefined;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const { value, options, onChange } = props;
  return (
    <Labelled {...props}>
      {(control) => (
        <select
          {...control}
          value={value}
          className={`${boxStyle} border-line-strong`}
          onChange={({ target }) => {
            onChange(target.value);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} disabled={option.disabled}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

/** What ties a control to its label and to the words about it. */
interface ControlTies {
  readonly id: string;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string;
}

/** A control with its label above, and a hint or a fault below. */
function Labelled(props: {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly fault?: PairFault | undefined;
  readonly children: (control: ControlTies) => ReactNode;
}): ReactNode {
  const { label, hint, fault, children } = props;
  const id = useId();
  const aboutId = `${id}-about`;
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-xs text-ink-2">
        {label}
      </label>
      {children({ id, 'aria-invalid': fault !== undefined, 'aria-describedby': aboutId })}
      <About id={aboutId} hint={hint} fault={fault} />
    </div>
  );
}

/** One of a few, each with the reason for it. */
export function RadioCards<Value extends string>(props: {
  readonly legend: string;
  readonly value: Value;
  readonly options: readonly {
    readonly value: Value;
    readonly title: string;
    readonly detail?: string;
  }[];
  readonly fault?: PairFault | undefined;
  readonly onChange: (value: Value) => void;
}): ReactNode {
  const { legend, value, options, fault, onChange } = props;
  const id = useId();
  return (
    <fieldset>
      <legend className="mb-1 text-xs text-ink-2">{legend}</legend>
      <div className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-raise">
        {options.map((option) => (
          <label
            key={option.value}
            className="flex items-start gap-2.5 px-3 py-2.5 hover:bg-hover has-checked:bg-hover"
          >
            <input
              type="radio"
              name={id}
              value={option.value}
              checked={option.value === value}
              aria-invalid={fault !== undefined && option.value === value}
              aria-describedby={`${id}-${option.value} ${id}-about`}
              aria-labelledby={`${id}-${option.value}-title`}
              className="mt-[3px] size-3.5 shrink-0 accent-solid"
              onChange={() => {
                onChange(option.value);
              }}
            />
            <span className="min-w-0">
              <span id={`${id}-${option.value}-title`} className="block font-medium">
                {option.title}
              </span>
              <span id={`${id}-${option.value}`} className="block text-xs leading-4 text-ink-2">
                {option.detail}
              </span>
            </span>
          </label>
        ))}
      </div>
      <About id={`${id}-about`} hint={undefined} fault={fault} />
    </fieldset>
  );
}

function About(props: {
  readonly id: string;
  readonly hint: string | undefined;
  readonly fault: PairFault | undefined;
}): ReactNode {
  const { id, hint, fault } = props;
  return (
    <div id={id} className="text-xs leading-4">
      {fault !== undefined && (
        <p className="mt-1 font-medium text-bad">{t(`setup.fault.${fault}` satisfies WordKey)}</p>
      )}
      {hint !== undefined && hint !== '' && <p className="mt-1 text-ink-2 wrap-anywhere">{hint}</p>}
    </div>
  );
}
