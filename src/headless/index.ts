import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { createLogger, errorText, systemRandom } from '../base/index.ts';
import type { LogEntry } from '../base/index.ts';
import { systemClock } from '../base/index.node.ts';
import { openCore } from '../core/index.node.ts';
import { createTranslator, describeState } from '../shared/index.ts';
import type { AppState } from '../shared/index.ts';
import { resolveHome } from '../store/index.node.ts';
import { runJoin } from './join.ts';

/**
 * The composition root without a display: the same core and guardian, a log on standard output instead of windows, one
 * JSON line for each change of a gateway or a pair. Ends on SIGINT or SIGTERM.
 */
// Bundled, this file lies in out/node.
const folder = import.meta.dirname;
const { version } = JSON.parse(readFileSync(join(folder, '../../package.json'), 'utf8')) as {
  readonly version: string;
};
const usage = 'use: headless [join CODE@ADDRESS] [--home DIR]\n';
const { values, positionals } = readArguments();
const home = resolveHome(values.home ?? null);
const [asked, ...words] = positionals;
const t = createTranslator('en');
if (asked === 'join')
  process.exit(await runJoin(words, { home, program: join(folder, '../..'), t }));
if (asked !== undefined) {
  process.stderr.write(`“${asked}” is not known; ${usage}`);
  process.exit(64);
}
const clock = systemClock();
const print = ({ at, fields, ...entry }: LogEntry): void => {
  process.stdout.write(
    `${JSON.stringify({ at: new Date(at).toISOString(), ...entry, ...fields })}\n`,
  );
};
const logger = createLogger('headless', () => clock.wallMs(), [print]);
const { core, about } = await openCore({
  home,
  version,
  runtime: { node: process.execPath, openclaw: process.env['SWITCHYARD_OPENCLAW'] ?? null },
  guardianEntry: join(folder, 'guardian.js'),
  fencePlugin: join(folder, '../gateway-plugin'),
  t,
  clock,
  random: systemRandom(),
  logger,
});

const told = new Map<string, string>();
core.onState((state) => {
  const facts = [
    ...state.gateways.map((gateway) => ({
      id: gateway.id,
      what: describeState(t, gateway.state, clock.wallMs()).word,
    })),
    ...state.pairs.map((pair) => ({
      id: pair.id,
      what: `${pair.activeId} active, epoch ${pair.epoch}, ${pair.cover}`,
    })),
    {
      id: 'trust',
      what: `${trustWords(state)}, ${state.trust.asks.length} questions wait`,
    },
    ...state.notices.map((notice) => ({
      id: notice.code,
      what: t(`notice.${notice.code}`, notice.values),
    })),
  ];
  for (const { id, what } of facts) {
    if (told.get(id) === what) continue;
    told.set(id, what);
    logger.info(what, { id });
  }
});
core.start();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(
    signal,
    () => void core.stop({ leaveRunning: about.leaveRunning() }).then(() => process.exit(0)),
  );
}

function trustWords({ trust }: AppState): string {
  const edges = trust.edges.map(({ from, to }) => `${from} may ask ${to}`);
  return edges.length === 0 ? `no trust, epoch ${trust.epoch}` : edges.join(', ');
}

function readArguments() {
  try {
    return parseArgs({ options: { home: { type: 'string' } }, allowPositionals: true });
  } catch (error) {
    process.stderr.write(`${errorText(error)}; ${usage}`);
    process.exit(64);
  }
}
