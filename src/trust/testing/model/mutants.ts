/**
 * The rules of the broker, each removed: from the reference model, whose search must then find what goes wrong, and from
 * the shipped sources, which must then do something else than the model on the way to it.
 *
 * Some guards stand in for each other; then a mutant lacks all that do. A text that is not found exactly once is an error,
 * so the list cannot fall behind the code.
 */
import type { SourceChange } from '../../../base/testing/changed-sources.node.ts';
import type { Guard, ModelEvent } from './vocabulary.ts';

export interface Mutant {
  readonly name: string;
  readonly guards: readonly Guard[];
  /** Files are below src/trust. */
  readonly changes: readonly SourceChange[];
  /** Shows where free text goes to the agent at once. */
  readonly latch?: boolean;
  /** What goes wrong, where something else goes wrong sooner. */
  readonly problem?: string;
  /** What does not happen, because the broker has another guard there. */
  readonly without?: readonly ModelEvent[];
}

const broker = 'broker/broker.ts';
const state = 'broker/state.ts';
const replies = 'broker/replies.ts';
const grants = 'broker/grants.ts';
const crossing = 'broker/crossing.ts';
const approvals = 'approvals.ts';

const clearsApprovals = '    approvals.clear();\n    grants.drop();\n';
const endsCalls =
  "    for (const one of calls.values()) if (one.phase !== 'settled') end(one, why);\n  };";
const isRevoke = "why === 'trust was cut'";
const callsOutliveRevoke: readonly SourceChange[] = [
  { file: broker, from: endsCalls, to: `    if (!(${isRevoke}))\n  ${endsCalls}` },
  { file: broker, from: '      calls.clear();\n', to: '' },
];
const anyEpochAtSocket: readonly SourceChange[] = [
  {
    file: broker,
    from: "    one.phase === 'sending' &&\n    one.epoch === state.epoch &&\n",
    to: "    one.phase === 'sending' &&\n",
  },
  { file: broker, from: '    hasEdge(state.edges, one.caller.domain, one.call.to) &&\n', to: '' },
];

export const mutants: readonly Mutant[] = [
  {
    name: 'trust is looked at when a call is made',
    guards: ['edgeAtCall'],
    changes: [
      {
        file: broker,
        from: "      if (!hasEdge(state.edges, from, call.to)) return refuse(caller, call, 'no trust');\n",
        to: '',
      },
      {
        file: state,
        from: 'trusted: trustedFrom(edges, caller.domain),',
        to: 'trusted: [call.to, ...trustedFrom(edges, caller.domain)],',
      },
    ],
  },
  {
    name: 'a caller is known',
    guards: ['known caller'],
    changes: [
      {
        file: broker,
        from: "      if (caller === null) return refuse(caller, call, 'auth');\n",
        to: "      caller ??= { id: 'agent', domain: 'personal' };\n",
      },
    ],
  },
  {
    name: 'what is too long to show is refused',
    guards: ['size'],
    changes: [
      {
        file: crossing,
        from: 'if (text.length > longestText) return',
        to: 'if (text.length < 0) return',
      },
    ],
  },
  {
    name: 'an approval is for these bytes',
    guards: ['bound to text'],
    changes: [{ file: crossing, from: '      bytes: text,\n', to: '' }],
  },
  {
    name: 'an approval works once',
    guards: ['approval once'],
    changes: [
      {
        file: approvals,
        from: 'has(digest, epoch, nowMs) && given.delete(digest)',
        to: 'has(digest, epoch, nowMs)',
      },
    ],
  },
  {
    name: 'an approval ends after two minutes',
    guards: ['approval expires'],
    changes: [{ file: approvals, from: ' && nowMs < approval.untilMs', to: '' }],
  },
  {
    name: 'an approval ends when trust is cut',
    guards: ['approval dies at revoke'],
    changes: [
      { file: broker, from: clearsApprovals, to: `    if (!(${isRevoke}))\n  ${clearsApprovals}` },
      { file: approvals, from: ' && approval.epoch === epoch', to: '' },
      { file: crossing, from: '      epoch,\n', to: '' },
    ],
  },
  {
    name: 'an approval ends when the rules change',
    guards: ['approval dies with rules'],
    changes: [
      { file: broker, from: clearsApprovals, to: `    if (${isRevoke})\n  ${clearsApprovals}` },
    ],
  },
  {
    name: 'an approval is in the log',
    guards: ['approval logged'],
    changes: [
      {
        file: broker,
        from: '        body: asked.text,\n      });\n      if (!written.ok) return written;\n',
        to: '        body: asked.text,\n      });\n',
      },
    ],
  },
  {
    name: 'a grant is used up',
    guards: ['grant counted'],
    changes: [
      { file: grants, from: 'callsLeft: grant.callsLeft - 1', to: 'callsLeft: grant.callsLeft' },
    ],
  },
  {
    name: 'a grant ends in time',
    guards: ['grant expires'],
    changes: [
      { file: grants, from: 'nowMs >= grant.untilMs || ', to: '' },
      {
        file: grants,
        from: '({ callsLeft, untilMs }) => callsLeft > 0 && nowMs < untilMs',
        to: '({ callsLeft }) => callsLeft > 0',
      },
    ],
  },
  {
    name: 'a grant ends when trust is cut',
    guards: ['grant dies at revoke'],
    changes: [
      {
        file: broker,
        from: '    grants.drop();\n    for (',
        to: `    if (!(${isRevoke})) grants.drop();\n    for (`,
      },
      { file: grants, from: ' || grant.epoch !== epoch', to: '' },
    ],
  },
  {
    name: 'a grant ends when the rules change',
    guards: ['grant dies with rules'],
    changes: [
      {
        file: broker,
        from: '    grants.drop();\n    for (',
        to: `    if (${isRevoke}) grants.drop();\n    for (`,
      },
    ],
  },
  {
    name: 'a grant ends when the agent reads free text',
    guards: ['grant dies at taint'],
    changes: [{ file: replies, from: '    state.grants.drop(domain);\n', to: '' }],
  },
  {
    name: 'nothing is granted while the agent holds free text',
    guards: ['no grant while tainted'],
    changes: [
      { file: state, from: ' && !tainted.has(caller.domain)', to: '' },
      { file: broker, from: 'if (state.tainted.has(from))', to: "if (from === '')" },
    ],
  },
  {
    name: 'nothing is granted where trust does not lead',
    guards: ['no grant without trust'],
    changes: [
      {
        file: broker,
        from: 'if (!hasEdge(state.edges, from, to) || destination === null)',
        to: 'if (destination === null)',
      },
    ],
  },
  {
    name: 'a finding turns a grant into a question',
    guards: ['findings ask'],
    changes: [{ file: state, from: 'isCovered && findings.length === 0', to: 'isCovered' }],
  },
  {
    name: 'no log, no crossing',
    guards: ['intent first'],
    changes: [
      { file: broker, from: 'if (!logged.ok) {', to: 'if (!logged.ok && limits.openCalls < 0) {' },
    ],
  },
  {
    name: 'no log, no reply',
    guards: ['outcome first'],
    changes: [{ file: replies, from: '      if (!written.ok) return null;\n', to: '' }],
  },
  {
    name: 'one crossing at a time',
    guards: ['one at a time'],
    changes: [{ file: broker, from: '      if (isBusy) continue;\n', to: '' }],
  },
  {
    name: 'so many and no more',
    guards: ['rate'],
    changes: [
      { file: 'broker/rates.ts', from: '.length < count,', to: '.length <= count + nowMs,' },
    ],
  },
  {
    name: 'what waits ends when trust is cut',
    guards: ['calls end at revoke'],
    changes: callsOutliveRevoke,
  },
  {
    name: 'what waits ends when the rules change',
    guards: ['calls end with rules'],
    changes: [{ file: broker, from: endsCalls, to: `    if (${isRevoke})\n  ${endsCalls}` }],
  },
  {
    name: 'answers go when trust is cut',
    guards: ['tickets go at revoke'],
    changes: [{ file: broker, from: '      calls.clear();\n', to: '' }],
  },
  {
    name: 'trust and epoch are looked at again at the socket',
    guards: ['calls end at revoke', 'epoch at socket'],
    problem: 'bytes left although trust is cut',
    changes: [...callsOutliveRevoke, ...anyEpochAtSocket],
  },
  {
    name: 'the key of the peer is looked at at the socket',
    guards: ['pin at socket'],
    changes: [
      {
        file: broker,
        from: '    peerPin === one.destination.pin &&\n    options.rosters().domainOf(peerPin) === one.call.to;',
        to: "    peerPin !== '';",
      },
    ],
  },
  {
    name: 'a reply of before the cut is not read',
    guards: ['calls end at revoke', 'reply of this epoch'],
    problem: 'a reply was taken for a call that is not under way',
    changes: [
      ...callsOutliveRevoke,
      {
        file: broker,
        from: "if (one?.phase !== 'sent' || one.epoch !== state.epoch) return;",
        to: "if (one?.phase !== 'sent') return;",
      },
    ],
  },
  {
    name: 'a reply is for a call that is under way',
    guards: ['reply under way'],
    // Trust that is cut forgets the call itself.
    without: ['revoke'],
    changes: [
      {
        file: broker,
        from: "if (one?.phase !== 'sent' || one.epoch !== state.epoch) return;",
        to: 'if (one === undefined) return;',
      },
    ],
  },
  {
    name: 'free text is held for a person',
    guards: ['free text held'],
    changes: [
      { file: replies, from: "facts: typed === null ? [] : ['typed'],", to: "facts: ['typed']," },
    ],
  },
  {
    name: 'what is given is what was on show',
    guards: ['text given is text shown'],
    changes: [
      { file: replies, from: 'if (reply?.digest !== digest)', to: 'if (reply === undefined)' },
    ],
  },
  {
    name: 'free text taints, where a person gives it',
    guards: ['taint'],
    changes: [
      {
        file: replies,
        from: '    state.tainted.add(domain);\n    state.grants.drop(domain);\n',
        to: '',
      },
    ],
  },
  {
    name: 'free text taints, where it is given at once',
    guards: ['taint'],
    latch: true,
    changes: [
      {
        file: replies,
        from: '    state.tainted.add(domain);\n    state.grants.drop(domain);\n',
        to: '',
      },
    ],
  },
  {
    name: 'a taint outlives the app',
    guards: ['taint survives'],
    changes: [
      { file: broker, from: 'tainted: new Set(saved.tainted),', to: 'tainted: new Set(),' },
    ],
  },
  {
    name: 'a cut outlives the app',
    guards: ['revoke survives'],
    changes: [
      {
        file: broker,
        from: '      const result = save();\n      endAll',
        to: '      const result = ok(null);\n      endAll',
      },
      {
        file: broker,
        from: 'const wasCut = log.epoch() > saved.epoch;',
        to: 'const wasCut = false;',
      },
    ],
  },
  {
    name: 'a crossing without an end is told',
    guards: ['unfinished told'],
    changes: [
      { file: broker, from: 'const unfinished = log.unfinished();', to: 'const unfinished = [];' },
    ],
  },
];
