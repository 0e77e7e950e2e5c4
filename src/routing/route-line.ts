import { z } from 'zod';

import { fail, ok, type Result } from '../base/index.ts';
import {
  becauseText,
  type RouteAction,
  type RouteDecision,
  type RouteVia,
  type Translate,
} from '../shared/index.ts';

const id = z.union([z.string(), z.number()]);

/** One line of the input of `npm run route`. Fields that are not known are ignored: other tools may add their own. */
const inputLine = z.object({
  id: id.optional(),
  text: z.string(),
  context: z
    .object({
      pane: z.string().nullish(),
      session: z.string().nullish(),
      previous: z.object({ domain: z.string(), text: z.string() }).nullish(),
      time: z.union([z.string(), z.number()]).nullish(),
      app: z.string().nullish(),
      attachments: z.array(z.unknown()).nullish(),
    })
    .nullish(),
});

export interface RouteInput {
  readonly id: string | number | undefined;
  readonly text: string;
  /** Id or name of a pane; null when the line names none. */
  readonly pane: string | null;
}

/** One line of the output; other people's scripts rely on its keys. */
export interface RouteOutput {
  readonly id?: string | number;
  readonly action: RouteAction;
  /** The domain that would get it, or `ask`. */
  readonly gateway: string;
  readonly pWork: number;
  readonly confidence: number;
  readonly via: RouteVia;
  readonly because: string;
}

/** Reads a line of input; the failure says what is wrong with it. */
export function parseInputLine(line: string): Result<RouteInput, string> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return fail(`not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  const parsed = inputLine.safeParse(value);
  if (!parsed.success) {
    return fail(
      parsed.error.issues
        .map(
          (issue) =>
            `${issue.path.length === 0 ? 'the line' : issue.path.join('.')}: ${issue.message}`,
        )
        .join('; '),
    );
  }
  return ok({
    id: parsed.data.id,
    text: parsed.data.text,
    pane: parsed.data.context?.pane ?? null,
  });
}

/** A decision as a line of output. */
export function outputLine(input: RouteInput, decision: RouteDecision, t: Translate): string {
  const output: RouteOutput = {
    ...(input.id === undefined ? {} : { id: input.id }),
    action: decision.action,
    gateway: decision.domain ?? 'ask',
    pWork: decision.pWork,
    confidence: decision.confidence,
    via: decision.via,
    because: becauseText(t, decision.because),
  };
  return `${JSON.stringify(output)}\n`;
}
