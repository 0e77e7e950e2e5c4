/**
 * Decides where a message goes, before it leaves. Pure: the app's preview, its send and `npm run route` are one function.
 *
 * Invariants
 * 1. The order is: `@name`, then the person's binding, then the first rule that matches, else ask.
 * 2. Whatever chose the target, trust has the last word: a text that may not go there is sent nowhere.
 * 3. It never throws, whatever the text.
 */
import type { Because, RouteDecision, RouteVia, RoutingRule } from '../shared/index.ts';
import { addressOf } from '../store/index.ts';
import { decideSend } from '../trust/index.ts';
import { readAddress } from './address.ts';
import { matchRule, matchSubject } from './matcher.ts';
import type { RoutePane, RouteQuestion } from './model.ts';

/** The route of a message and the reason for it. */
export function decideRoute(question: RouteQuestion): RouteDecision {
  const address = readAddress(question.text);
  const named = address.name === null ? null : findNamed(address.name, question);
  // An address that names nothing stays part of the text: "@media print" may be just that.
  const text = address.name !== null && named === null ? question.text : address.rest;
  if (text.trim() === '') return undecided('stay', 'default', { code: 'empty' }, '');

  if (named !== null && address.name !== null)
    return sendTo(question, named, 'override', { code: 'named', name: address.name }, text);

  const bound = question.panes.find((pane) => pane.id === question.binding);
  if (bound !== undefined)
    return sendTo(question, bound, 'override', { code: 'bound', name: bound.name }, text);

  if (address.name !== null)
    return undecided('ask', 'override', { code: 'unknown-name', name: address.name }, text);

  return (
    decideByRules(question, text) ?? undecided('ask', 'default', { code: 'nothing-decides' }, text)
  );
}

function decideByRules(question: RouteQuestion, text: string): RouteDecision | null {
  const subject = matchSubject(text, question.context.pane);
  for (const [index, rule] of question.rules.entries()) {
    const matched = matchRule(rule, subject);
    if (matched !== null) return followRule(question, rule, index + 1, matched, text);
  }
  return null;
}

function followRule(
  question: RouteQuestion,
  rule: RoutingRule,
  number: number,
  matched: string,
  text: string,
): RouteDecision {
  const pane = question.panes.find((candidate) => candidate.domain === rule.then);
  if (pane === undefined) {
    const domain = question.domains.find(({ id }) => id === rule.then)?.name ?? rule.then;
    return undecided(
      'ask',
      'rule',
      { code: 'rule-without-gateway', rule: rule.name, number, domain },
      text,
    );
  }
  const shown =
    rule.when.kind === 'pane'
      ? (question.panes.find(({ id }) => id === matched)?.name ?? matched)
      : matched;
  return sendTo(
    question,
    pane,
    'rule',
    { code: 'rule', rule: rule.name, number, matched: shown, condition: rule.when.kind },
    text,
  );
}

/** A pane by its name, or the first pane of a domain by the domain's. */
function findNamed(name: string, { panes, domains }: RouteQuestion): RoutePane | null {
  const wanted = addressOf(name);
  const domain = domains.find(
    (candidate) => candidate.id === wanted || addressOf(candidate.name) === wanted,
  );
  return (
    panes.find((pane) => addressOf(pane.name) === wanted) ??
    panes.find((pane) => pane.id === wanted) ??
    panes.find((pane) => pane.domain === domain?.id) ??
    null
  );
}

/** Invariant 2: the only way to a decision that sends. */
function sendTo(
  question: RouteQuestion,
  pane: RoutePane,
  via: RouteVia,
  because: Because,
  text: string,
): RouteDecision {
  const { policy, labels, domains } = question;
  const verdict = decideSend({ policy, labels, domains, targetDomain: pane.domain });
  if (verdict.because !== null) return undecided('ask', 'guard', verdict.because, text);
  return {
    action: 'send',
    domain: pane.domain,
    paneId: pane.id,
    confidence: 1,
    pWork: pane.domain === 'personal' ? 0 : 1,
    via,
    because,
    text,
  };
}

function undecided(
  action: 'ask' | 'stay',
  via: RouteVia,
  because: Because,
  text: string,
): RouteDecision {
  return { action, domain: null, paneId: null, confidence: 0, pWork: 0.5, via, because, text };
}
