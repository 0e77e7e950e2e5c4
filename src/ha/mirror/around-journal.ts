/** A journal with something around each of its questions. */
import type { Result } from '../../base/index.ts';
import type { Journal, JournalFailure } from './ports.ts';

/** Asks one question, or answers without asking. */
export type Around = <T>(
  ask: () => Promise<Result<T, JournalFailure>>,
  method: keyof Journal,
) => Promise<Result<T, JournalFailure>>;

/** The journal that `journal` gives at each question, with `around` around every one. */
export function aroundJournal(journal: () => Journal, around: Around): Journal {
  return {
    survey: () => around(() => journal().survey(), 'survey'),
    look: (...given) => around(() => journal().look(...given), 'look'),
    ids: (...given) => around(() => journal().ids(...given), 'ids'),
    rows: (...given) => around(() => journal().rows(...given), 'rows'),
    tail: (...given) => around(() => journal().tail(...given), 'tail'),
    append: (...given) => around(() => journal().append(...given), 'append'),
    missingFiles: (...given) => around(() => journal().missingFiles(...given), 'missingFiles'),
    readFile: (...given) => around(() => journal().readFile(...given), 'readFile'),
    writeFile: (...given) => around(() => journal().writeFile(...given), 'writeFile'),
    remove: (...given) => around(() => journal().remove(...given), 'remove'),
    note: (...given) => around(() => journal().note(...given), 'note'),
    changes: (...given) => around(() => journal().changes(...given), 'changes'),
  };
}
