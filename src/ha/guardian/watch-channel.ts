/** What a guardian and the watchdog that started it tell each other over the channel between the two processes. */
import { z } from 'zod';

/** How often a guardian says that its event loop turns. */
export const aliveEveryMs = 1_000;

const messageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('alive') }),
  z.strictObject({ type: z.literal('ready') }),
  /** Kept in the watchdog's memory for the guardian's next life: the app that knows it may be gone by then. */
  z.strictObject({ type: z.literal('secret'), name: z.string(), secret: z.string() }),
]);

export type WatchMessage = z.output<typeof messageSchema>;

/** Reads what came over the channel; null when it is nothing that this version knows. */
export function parseWatchMessage(value: unknown): WatchMessage | null {
  return messageSchema.safeParse(value).data ?? null;
}
