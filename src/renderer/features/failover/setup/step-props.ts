import type {
  Bridge,
  PairFault,
  PairField,
  PairSetupOptions,
  PairStep,
} from '../../../../shared/index.ts';
import type { SetupState } from './setup-store.ts';

/** What each step of the set-up is given. */
export interface StepProps {
  readonly state: SetupState;
  readonly options: PairSetupOptions;
  readonly bridge: Bridge<'shell'>['pairs'];
  /** The faults to show; none before the person tried to go on. */
  readonly faults: Partial<Record<PairField, PairFault>>;
  readonly goTo: (step: PairStep) => void;
}
