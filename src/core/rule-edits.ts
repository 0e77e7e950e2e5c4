import { ok } from '../base/index.ts';
import type { Result } from '../base/index.ts';
import type { AppError, RoutingRule } from '../shared/index.ts';
import type { SettingsFile } from '../store/index.ts';
import type { Core } from './model.ts';

/** What a person does to the routing rules; the settings file is what holds them. */
export function ruleEdits(settings: SettingsFile): Pick<Core, 'setRuleEnabled' | 'moveRule'> {
  const update = async (
    change: (rules: readonly RoutingRule[]) => readonly RoutingRule[],
  ): Promise<Result<null, AppError>> => {
    const saved = await settings.update((current) => ({
      ...current,
      rules: change(current.rules),
    }));
    return saved.ok ? ok(null) : saved;
  };
  return {
    setRuleEnabled: (ruleId, enabled) =>
      update((rules) => rules.map((rule) => (rule.id === ruleId ? { ...rule, enabled } : rule))),
    moveRule: (ruleId, by) =>
      update((rules) => {
        const from = rules.findIndex((rule) => rule.id === ruleId);
        const rule = rules[from];
        const to = from + by;
        if (rule === undefined || to < 0 || to >= rules.length) return rules;
        return rules.toSpliced(from, 1).toSpliced(to, 0, rule);
      }),
  };
}
