import { describe, expect, it } from 'vitest';

import { fail, ok } from '../../../base/index.ts';
import { appError } from '../../../shared/index.ts';
import type { Draft, RouteDecision, SendConfirmation } from '../../../shared/index.ts';
import { composerStep, currentDecision, emptyComposer } from './composer-state.ts';
import type { ComposerCommand, ComposerEvent, ComposerState } from './composer-state.ts';

const sendTo = (paneId: string): RouteDecision => ({
  action: 'send',
  domain: paneId,
  paneId,
  confidence: 1,
  pWork: paneId === 'work' ? 1 : 0,
  via: 'rule',
  because: { code: 'named', name: paneId },
  text: '',
});
const undecided: RouteDecision = {
  ...sendTo('home'),
  action: 'ask',
  domain: null,
  paneId: null,
  because: { code: 'nothing-decides' },
};
const empty: RouteDecision = { ...undecided, action: 'stay', because: { code: 'empty' } };

function run(events: readonly ComposerEvent[], from: ComposerState = emptyComposer) {
  let state = from;
  const commands: ComposerCommand[] = [];
  for (const event of events) {
    const step = composerStep(state, event);
    state = step.state;
    commands.push(...step.commands);
  }
  return { state, commands, last: commands.at(-1) };
}

const load = (draft: Draft = { text: '', binding: null }): ComposerEvent => ({
  kind: 'loaded',
  reply: ok(draft),
});
const type = (text: string): ComposerEvent => ({ kind: 'typed', text });
const preview = (edit: number, decision: RouteDecision): ComposerEvent => ({
  kind: 'previewed',
  edit,
  reply: ok(decision),
});
const press: ComposerEvent = { kind: 'entered' };
const of = (commands: readonly ComposerCommand[], kind: ComposerCommand['kind']) =>
  commands.filter((command) => command.kind === kind);

/** Loaded, with `text` typed and its route known. */
function settled(
  text: string,
  decision: RouteDecision,
  binding: string | null = null,
): ComposerState {
  const { state } = run([load({ text, binding })]);
  return run([preview(state.edit, decision)], state).state;
}

describe('previews', () => {
  it('asks one at a time and then about the newest text', () => {
    const { state, commands } = run([load(), type('a'), type('ab'), type('abc')]);
    expect(of(commands, 'preview')).toHaveLength(1);
    const next = run([preview(1, empty)], state);
    expect(next.commands).toEqual([
      { kind: 'preview', edit: 4, draft: { text: 'abc', binding: null } },
    ]);
  });

  it('ignores an answer about an older text', () => {
    const { state } = run([load(), type('@work'), preview(1, sendTo('home'))]);
    expect(state.shown).toBeNull();
    expect(currentDecision(run([preview(2, sendTo('work'))], state).state)?.paneId).toBe('work');
  });

  it('keeps showing the last route while the next one is worked out', () => {
    const { state } = run([type('more')], settled('hello', sendTo('home')));
    expect(state.shown?.edit).not.toBe(state.edit);
    expect(state.shown).not.toBeNull();
  });

  it('asks again when rules or panes change', () => {
    const { last } = run([{ kind: 'world-changed' }], settled('hello', sendTo('home')));
    expect(last).toMatchObject({ kind: 'preview', draft: { text: 'hello' } });
  });
});

describe('Enter', () => {
  it('sends what is shown', () => {
    const { commands, state } = run([press], settled('hello', sendTo('home'), 'home'));
    expect(commands).toEqual([
      { kind: 'send', draft: { text: 'hello', binding: 'home' }, shown: 'home' },
    ]);
    expect(state.text).toBe('hello');
  });

  it('sends once, however often it is pressed', () => {
    const { commands } = run([press, press, press], settled('hello', sendTo('home')));
    expect(of(commands, 'send')).toHaveLength(1);
  });

  it.each(['ask', 'suggest'] as const)('does not send on %s and says so', (action) => {
    const { commands, state } = run([press], settled('hello', { ...sendTo('home'), action }));
    expect(of(commands, 'send')).toEqual([]);
    expect(state.held).toBe('undecided');
  });

  it('does nothing on an empty text', () => {
    const { commands, state } = run([press], settled('', empty));
    expect(commands).toEqual([]);
    expect(state.held).toBeNull();
  });

  it('waits for the route of the current text and sends if the target stayed', () => {
    const typed = run([type('hello you')], settled('hello', sendTo('home'))).state;
    const waiting = run([press], typed);
    expect(of(waiting.commands, 'send')).toEqual([]);
    const done = run([preview(typed.edit, sendTo('home'))], waiting.state);
    expect(done.commands).toEqual([
      { kind: 'send', draft: { text: 'hello you', binding: null }, shown: 'home' },
    ]);
  });

  it('wants a second Enter when the target turned out to be another one', () => {
    const typed = run([type('hello ATLAS')], settled('hello', sendTo('home'))).state;
    const shown = run([press, preview(typed.edit, sendTo('work'))], typed);
    expect(of(shown.commands, 'send')).toEqual([]);
    expect(shown.state.held).toBe('changed');
    expect(run([press], shown.state).last).toMatchObject({ kind: 'send', shown: 'work' });
  });

  it('is forgotten when the text changes while it waits', () => {
    const typed = run([type('a')], settled('', empty)).state;
    const later = run([press, type('ab'), preview(typed.edit, sendTo('home'))], typed);
    const done = run([preview(later.state.edit, sendTo('home'))], later.state);
    expect(of([...later.commands, ...done.commands], 'send')).toEqual([]);
  });

  it('asks again after a preview that failed', () => {
    const typed = run([type('a')], settled('', empty)).state;
    const failed = run(
      [{ kind: 'previewed', edit: typed.edit, reply: fail(appError('internal', 'no')) }],
      typed,
    ).state;
    expect(run([press], failed).last).toMatchObject({ kind: 'preview', edit: typed.edit });
  });
});

describe('after the send', () => {
  it('clears the text, keeps the binding and saves at once', () => {
    const { state, commands } = run(
      [press, { kind: 'sent', reply: ok({ id: '1' }) }],
      settled('hi', sendTo('home'), 'home'),
    );
    expect(state).toMatchObject({ text: '', binding: 'home', sending: null });
    expect(commands).toContainEqual({ kind: 'save', when: 'now' });
  });

  it('keeps what was typed meanwhile', () => {
    const { state } = run(
      [press, type('hi there'), { kind: 'sent', reply: ok({ id: '1' }) }],
      settled('hi', sendTo('home')),
    );
    expect(state.text).toBe(' there');
  });

  it('keeps the text on a failure, says so, and looks at the route again', () => {
    const error = appError('route-changed', 'The rules changed.');
    const { state, last } = run(
      [press, { kind: 'sent', reply: fail(error) }],
      settled('hi', sendTo('home')),
    );
    expect(state).toMatchObject({ text: 'hi', problem: { kind: 'send', error } });
    expect(last).toMatchObject({ kind: 'preview' });
  });
});

describe('binding', () => {
  it('goes round: unbound, each pane, unbound', () => {
    const paneIds = ['home', 'work'];
    const cycle: ComposerEvent = { kind: 'cycled', paneIds };
    const bindings = [1, 2, 3].map(
      (times) => run([load(), ...Array.from({ length: times }, () => cycle)]).state.binding,
    );
    expect(bindings).toEqual(['home', 'work', null]);
  });

  it('starts over from a pane that is gone', () => {
    const { state } = run([
      load({ text: '', binding: 'gone' }),
      { kind: 'cycled', paneIds: ['home'] },
    ]);
    expect(state.binding).toBe('home');
  });
});

describe('the stored draft', () => {
  it('is not overwritten by typing before it was read', () => {
    const early = run([type('b')]);
    expect(of(early.commands, 'save')).toEqual([]);
    expect(run([load({ text: 'a', binding: 'work' })], early.state).state).toMatchObject({
      text: 'a\nb',
      binding: 'work',
    });
  });

  it('may be missing: typing still works, and the person is told', () => {
    const { state } = run([
      { kind: 'loaded', reply: fail(appError('storage', 'locked')) },
      type('a'),
    ]);
    expect(state).toMatchObject({ text: 'a', problem: { kind: 'load' }, loaded: true });
  });

  it('takes given text after what is there', () => {
    const { state } = run([load({ text: 'mine', binding: null }), { kind: 'given', text: 'back' }]);
    expect(state.text).toBe('mine\n\nback');
  });
});

describe('text of another domain', () => {
  const guarded: RouteDecision = {
    ...undecided,
    via: 'guard',
    because: { code: 'trust', source: 'personal', target: 'work' },
  };
  const confirmation: SendConfirmation = {
    digest: 'd1',
    paneId: 'acme',
    domain: 'work',
    text: 'hi there',
    spans: [{ start: 0, end: 2, domain: 'personal' }],
  };
  const typed = run([
    load(),
    { kind: 'previewed', edit: 1, reply: ok(empty) },
    { kind: 'typed', text: 'hi there' },
    { kind: 'previewed', edit: 2, reply: ok(guarded) },
  ]);
  const draft = { text: 'hi there', binding: null };
  const shown = run([{ kind: 'confirmable', edit: 2, reply: ok(confirmation) }], typed.state);
  const seen = run([{ kind: 'entered' }], shown.state);

  it('is asked about, shown at Enter and sent by a press of its own', () => {
    expect(typed.last).toEqual({ kind: 'confirmation', edit: 2, draft });
    expect(seen.commands).toEqual([]);
    expect(seen.state).toMatchObject({ confirming: true, sending: null });
    const sent = run([{ kind: 'confirmed' }, { kind: 'confirmed' }], seen.state);
    expect(sent.commands).toEqual([{ kind: 'confirm', draft, shown: 'acme', digest: 'd1' }]);
    const settled = run([{ kind: 'sent', reply: ok({ id: 'm1' }) }], sent.state);
    expect(settled.state).toMatchObject({ text: '', confirmation: null, confirming: false });
  });

  it('is not sent before the person sees it, nor after anything changed', () => {
    expect(run([{ kind: 'confirmed' }], shown.state).commands).toEqual([]);
    const typedOn = run([{ kind: 'typed', text: 'hi there!' }, { kind: 'confirmed' }], seen.state);
    expect(typedOn.state).toMatchObject({ confirmation: null, confirming: false, sending: null });
    const late = run([{ kind: 'confirmable', edit: 2, reply: ok(confirmation) }], typedOn.state);
    expect(late.state.confirmation).toBeNull();
  });

  it('stays on show while the world changes, as long as it is the same', () => {
    const again = run(
      [{ kind: 'world-changed' }, { kind: 'previewed', edit: 3, reply: ok(guarded) }],
      seen.state,
    );
    expect(again.last).toEqual({ kind: 'confirmation', edit: 3, draft });
    const answered = (part: Partial<SendConfirmation>): boolean =>
      run([{ kind: 'confirmable', edit: 3, reply: ok({ ...confirmation, ...part }) }], again.state)
        .state.confirming;
    expect([answered({}), answered({ digest: 'd2' })]).toEqual([true, false]);
    const open = run(
      [
        { kind: 'world-changed' },
        { kind: 'previewed', edit: 3, reply: ok(sendTo('home')) },
        { kind: 'confirmed' },
      ],
      seen.state,
    );
    expect(open.state).toMatchObject({ confirmation: null, confirming: false, sending: null });
  });

  it('says so, sends nothing and keeps the text, where there is nothing to confirm', () => {
    const refused = run(
      [{ kind: 'confirmable', edit: 2, reply: ok(null) }, { kind: 'entered' }],
      typed.state,
    );
    expect(refused.state).toMatchObject({ held: 'undecided', confirming: false, text: 'hi there' });
    expect(refused.commands).toEqual([]);
  });

  it('shows the route anew when main refuses what was confirmed', () => {
    const failed = run(
      [
        { kind: 'confirmed' },
        { kind: 'sent', reply: fail(appError('route-changed', 'It has changed.')) },
      ],
      seen.state,
    );
    expect(failed.state).toMatchObject({ text: 'hi there', confirming: false });
    expect(failed.state.problem?.error.message).toBe('It has changed.');
    expect(failed.last).toEqual({ kind: 'preview', edit: 3, draft });
  });
});
