import { replaceFile } from '../../base/index.node.ts';
import type { RegisterRead, RegisterRecord } from '../model.ts';
import { registerText } from '../register/record.ts';
import { readRegister, registerPath } from '../register/register-record.node.ts';

/** Where the registers of a witness lie. `save` rejects when it cannot be done; it resolves only once it is durable. */
export interface WitnessStore {
  load(pair: string): Promise<RegisterRead>;
  save(pair: string, record: RegisterRecord): Promise<void>;
}

/** Keeps each register in a file of its own. Other pairs wait while one is written, but they would wait for the same disk. */
export function fileStore(stateDir: string): WitnessStore {
  return {
    load: (pair) => readRegister(registerPath(stateDir, pair)),
    save: (pair, record) =>
      new Promise((resolve) => {
        replaceFile(registerPath(stateDir, pair), registerText(record));
        resolve();
      }),
  };
}
