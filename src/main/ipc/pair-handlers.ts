import { shell } from 'electron';

import { fail, ok } from '../../base/index.ts';
import { appError } from '../../shared/index.ts';
import type {
  Dialog,
  PairCommandName,
  PairForm,
  PairSecret,
  PairView,
  Reply,
} from '../../shared/index.ts';
import type { HandlerPorts } from './handlers.ts';
import type { Handlers } from './register.ts';

type Words = { readonly words: string };

/**
 * What the shell may ask for pairs. What may hurt is asked again in the overlay, which shows what may happen and wants the
 * pair's name typed; whether it was typed right is judged here.
 */
export function pairHandlers(ports: HandlerPorts): Handlers<'shell', null>['pairs'] {
  const { core } = ports;
  const setup = core.pairSetup;
  return {
    command: async ({ pairId, command }) => {
      if (command === 'force' || command === 'force-alone') {
        const pair = findPair(ports, pairId);
        if (pair === undefined) return fail(appError('not-found', ports.t('pair.gone')));
        const agreed = await confirmDanger(ports, forceQuestion(ports, pair, command), pair.name);
        if (!agreed.ok) return agreed;
      }
      return toasted(ports, await core.pairCommand(pairId, command));
    },
    options: async () => ok(await setup.options()),
    askSecret: ({ what, form }) => askSecret(ports, what, form),
    test: ({ part, form }) => setup.test(part, form),
    save: (form) => setup.save(form),
    join: ({ pairId }) => setup.join(pairId),
    files: ({ pairId }) => core.pairFiles.chosen(pairId),
    chooseFiles: ({ pairId, workspace }) => core.pairFiles.choose(pairId, workspace),
    offer: ({ pairId }) =>
      setup.offer(pairId, (text) => {
        ports.overlay.toast({ id: ports.toastId(), tone: 'info', text });
      }),
    take: (request) => core.pairTake.take(request),
    cancelTake: () => {
      core.pairTake.cancel();
      return ok(null);
    },
    writeTaken: () => core.pairTake.write(),
    askTakenToken: ({ gateway }) => {
      const { t } = ports;
      const title = t('take.token.title', { name: gateway });
      return ask(ports, { title, detail: t('take.token.detail') }, (token) =>
        core.pairTake.enterToken(token),
      );
    },
    unprotect: async ({ pairId, keep, anyway }) => {
      const pair = findPair(ports, pairId);
      if (pair === undefined) return fail(appError('not-found', ports.t('pair.gone')));
      const question = unprotectQuestion(ports, pair, keep ?? pair.activeId);
      const agreed = await confirmDanger(ports, question, pair.name);
      if (!agreed.ok) return agreed;
      return toasted(ports, await core.wayBack.single(pairId, { keep, anyway }));
    },
    backups: async () => {
      const ids = core.state().gateways.map(({ id }) => id);
      return ok(await core.pairBackups.newest(ids));
    },
    cancelBackup: () => {
      core.pairBackups.cancel();
      return ok(null);
    },
    showBackup: async ({ gatewayId }) => {
      const [backup] = await core.pairBackups.newest([gatewayId]);
      if (backup === undefined) return fail(appError('not-found', ports.t('backup.gone')));
      shell.showItemInFolder(backup.path);
      return ok(null);
    },
  };
}

function findPair({ core }: HandlerPorts, pairId: string): PairView | undefined {
  return core.state().pairs.find(({ id }) => id === pairId);
}

/** What came of it is also said in a toast: it may take longer than the person looks at the panel. */
function toasted<Said extends Words>(
  { overlay, toastId, t }: HandlerPorts,
  reply: Reply<Said>,
): Reply<Said> {
  const words = reply.ok ? reply.value.words : reply.error.message;
  overlay.toast({
    id: toastId(),
    tone: reply.ok ? 'success' : 'error',
    // A drill answers with a table, which the panel shows.
    text: words.includes('\n') ? t('failover.drill.done') : words,
  });
  return reply;
}

function confirmDanger(
  { overlay, t }: HandlerPorts,
  dialog: Dialog,
  word: string,
): Promise<Reply<null>> {
  return new Promise((resolve) => {
    const refused = (message: string): void => {
      resolve(fail(appError('denied', message)));
    };
    const opened = overlay.openDialog(
      dialog,
      (value) => {
        if (isSame(value, word)) resolve(ok(null));
        else refused(t('dialog.danger.wrong', { word }));
      },
      () => {
        refused(t('dialog.danger.cancelled'));
      },
    );
    if (!opened) refused(t('dialog.another'));
  });
}

function isSame(typed: string | null, word: string): boolean {
  return typed?.trim().toLowerCase() === word.trim().toLowerCase();
}

function forceQuestion(
  ports: HandlerPorts,
  pair: PairView,
  command: Extract<PairCommandName, 'force' | 'force-alone'>,
): Dialog {
  const { t } = ports;
  const otherId = pair.activeId === pair.primaryId ? pair.standbyId : pair.primaryId;
  const values = { active: gatewayName(ports, otherId), other: gatewayName(ports, pair.activeId) };
  return {
    kind: 'danger',
    title: t('force.title', values),
    paragraphs:
      command === 'force'
        ? [t('force.what', values), t('force.cost', values)]
        : [t('force-alone.what', values), t('force-alone.only', values)],
    word: pair.name,
    action: t('force.action'),
    domain: domainOf(ports, pair),
  };
}

function unprotectQuestion(ports: HandlerPorts, pair: PairView, keep: string): Dialog {
  const { t } = ports;
  const otherId = pair.primaryId === keep ? pair.standbyId : pair.primaryId;
  const values = { keep: gatewayName(ports, keep), other: gatewayName(ports, otherId) };
  return {
    kind: 'danger',
    title: t('unprotect.title', { name: pair.name }),
    paragraphs: [
      t('unprotect.ends', values),
      ...(pair.activeId === keep ? [] : [t('unprotect.hands', values)]),
      ...(pair.register.kind === 'lock' ? [] : [t('unprotect.there')]),
    ],
    word: pair.name,
    action: t('unprotect.action'),
    domain: domainOf(ports, pair),
  };
}

function askSecret(
  ports: HandlerPorts,
  what: PairSecret,
  form: PairForm,
): Promise<Reply<{ readonly given: boolean }>> {
  const { core, t } = ports;
  const question = secretQuestion(what, form);
  if (question === null)
    return Promise.resolve(fail(appError('bad-input', t('setup.test.faults'))));
  const { kind, place } = question;
  const title = t(`setup.secret.${kind}.title`, { place });
  return ask(ports, { title, detail: t('setup.secret.detail') }, (value) => {
    core.pairSetup.enter(what, form, value);
    return Promise.resolve(ok(null));
  });
}

/** Asks for a secret in the overlay and hands it to `keep`. */
function ask(
  { overlay, t }: HandlerPorts,
  question: { readonly title: string; readonly detail: string },
  keep: (value: string) => Promise<Reply<null>>,
): Promise<Reply<{ readonly given: boolean }>> {
  return new Promise((resolve) => {
    const opened = overlay.openDialog(
      { kind: 'secret', ...question },
      (typed) => {
        const value = typed?.trim() ?? '';
        if (value === '') resolve(ok({ given: false }));
        else
          void keep(value).then((kept) => {
            resolve(kept.ok ? ok({ given: true }) : kept);
          });
      },
      () => {
        resolve(ok({ given: false }));
      },
    );
    if (!opened) resolve(fail(appError('denied', t('dialog.another'))));
  });
}

function secretQuestion(what: PairSecret, form: PairForm) {
  if (what === 'peer') return null;
  if (what === 'register') {
    return form.register === 'witness'
      ? { kind: 'witness' as const, place: `${form.witnessHost}:${form.witnessPort}` }
      : { kind: 'rfc2136' as const, place: form.bindKeyName };
  }
  switch (form.dns) {
    case 'none':
    case 'dnsmasq':
      return null;
    case 'pihole':
      return { kind: form.dns, place: form.piholeUrl };
    case 'cloudflare':
      return { kind: form.dns, place: form.dnsZoneId };
    case 'route53':
      return { kind: form.dns, place: form.route53KeyId };
  }
}

function gatewayName({ core }: HandlerPorts, gatewayId: string): string {
  return core.state().gateways.find(({ id }) => id === gatewayId)?.name ?? gatewayId;
}

function domainOf({ core }: HandlerPorts, pair: PairView) {
  const { domains } = core.state();
  return (
    domains.find(({ id }) => id === pair.domain) ?? {
      id: pair.domain,
      name: pair.domain,
      colour: 'slate' as const,
    }
  );
}
