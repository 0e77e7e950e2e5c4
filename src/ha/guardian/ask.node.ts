/** Questions to the guardian that runs, asked from a terminal over the same socket as the app's. */
import type { Socket } from 'node:net';

import { createEmitter } from '../../base/index.ts';
import type { DrillView, PairView } from '../../shared/index.ts';
import { readGuardianConfig } from '../config.node.ts';
import type { Invocation } from './arguments.ts';
import { askToEnd, followLines, say, tryConnect } from './conversation.node.ts';
import { exitCodes } from './exit-codes.ts';
import { parseServerMessage, protocolVersion } from './protocol.ts';
import type { ServerMessage } from './protocol.ts';
import { statusText } from './status-text.ts';

type Question = Extract<Invocation, { kind: 'status' | 'stop' | 'command' }>;

/** Asks, prints the answer, and gives the exit code. */
export async function askGuardian(question: Question): Promise<number> {
  const config = readGuardianConfig(question.config);
  if (!config.ok) {
    process.stderr.write(`${config.error}\n`);
    return exitCodes.config;
  }
  const socket = await tryConnect(config.value.socket);
  if (socket === null) {
    process.stderr.write(
      `No guardian listens on ${config.value.socket}. Start the app, or: guardian --config ${question.config} --watch\n`,
    );
    return exitCodes.unavailable;
  }
  if (question.kind === 'stop') {
    await askToEnd(socket);
    process.stdout.write('The guardian ended. Nobody guards the pairs now.\n');
    return exitCodes.ended;
  }
  const conversation = openConversation(socket);
  try {
    say(socket, { type: 'hello', protocol: protocolVersion });
    const { pairs } = await conversation.next('status');
    if (question.kind === 'status') {
      const text = question.json ? JSON.stringify(pairs, null, 2) : statusText(pairs, Date.now());
      process.stdout.write(`${text}\n`);
      return exitCodes.ended;
    }
    return await give(question, pairs, socket, conversation);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return exitCodes.refused;
  } finally {
    socket.destroy();
  }
}

async function give(
  { pairId, command }: Extract<Question, { kind: 'command' }>,
  pairs: readonly PairView[],
  socket: Socket,
  conversation: Conversation,
): Promise<number> {
  const [only, ...others] = pairs;
  const meant = pairId ?? (others.length === 0 ? only?.id : undefined);
  if (meant === undefined) {
    const ids = pairs.map((pair) => pair.id).join(', ');
    process.stderr.write(`Say which pair with --pair: ${ids}\n`);
    return exitCodes.usage;
  }
  if (command === 'drill') tellDrill(pairs, meant, conversation);
  say(socket, { type: 'command', id: '1', pairId: meant, command });
  const done = await conversation.next('done');
  (done.ok ? process.stdout : process.stderr).write(`${done.words}\n`);
  return done.ok ? exitCodes.ended : exitCodes.refused;
}

/** Tells each step of the drill that begins now, on the side of its answer. */
function tellDrill(
  before: readonly PairView[],
  pairId: string,
  conversation: Pick<Conversation, 'follow'>,
): void {
  const drillOf = (pairs: readonly PairView[]): DrillView | undefined =>
    pairs.find(({ id }) => id === pairId)?.drill;
  const earlier = drillOf(before)?.startedAtMs;
  let told = 0;
  conversation.follow((message) => {
    const drill = message.type === 'status' ? drillOf(message.pairs) : undefined;
    if (drill === undefined || drill.startedAtMs === earlier) return;
    for (const { state, what } of drill.steps.slice(told)) {
      if (state === 'waiting' || state === 'running') return;
      process.stderr.write(`${state}: ${what}\n`);
      told += 1;
    }
  });
}

interface Conversation {
  /** The next message of this kind, of those that came and will come; rejects when the guardian goes. */
  next<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>>;
  /** Tells `listener` of every message from now on. */
  follow(listener: (message: ServerMessage) => void): void;
}

function openConversation(socket: Socket): Conversation {
  const received: ServerMessage[] = [];
  const waiting = new Set<() => void>();
  const messages = createEmitter<ServerMessage>();
  let gone: Error | null = null;
  const wake = (): void => {
    for (const look of waiting) look();
  };
  followLines(socket, (line) => {
    const message = parseServerMessage(line);
    if (message.ok) {
      received.push(message.value);
      messages.emit(message.value);
    } else gone = new Error('The guardian that runs is of another version.');
    wake();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    gone ??= new Error('The guardian went away before it answered.');
    wake();
  });
  return {
    follow: (listener) => void messages.on(listener),
    next: (type) =>
      new Promise((resolve, reject) => {
        type Wanted = Extract<ServerMessage, { type: typeof type }>;
        const look = (): void => {
          const found = received.find((message): message is Wanted => message.type === type);
          if (found === undefined && gone === null) return;
          waiting.delete(look);
          if (found === undefined) reject(gone ?? new Error('gone'));
          else resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}
