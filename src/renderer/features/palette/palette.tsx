import { Command } from 'cmdk';
import { Search } from 'lucide-react';
import type { ReactNode } from 'react';

import type { Bridge, PaletteCommand } from '../../../shared/index.ts';
import { act } from '../../app/act.ts';
import { t } from '../../app/words.ts';
import { Modal } from '../../components/modal.tsx';

/** Every command of the app, found by typing. */
export function Palette(props: {
  readonly commands: readonly PaletteCommand[];
  readonly bridge: Bridge<'overlay'>;
}): ReactNode {
  const { commands, bridge } = props;
  return (
    <Modal
      label={t('palette.label')}
      className="mx-auto mt-[12vh] w-[min(560px,calc(100vw-32px))] overflow-hidden rounded-xl p-0"
      onClose={() => {
        act(bridge.overlay.close());
      }}
    >
      <Command label={t('palette.label')} loop>
        <div className="flex h-12 items-center gap-3 border-b border-line px-4">
          <Search aria-hidden className="size-4 shrink-0 text-ink-3" strokeWidth={1.75} />
          <Command.Input
            data-first-focus
            placeholder={t('palette.placeholder')}
            className="min-w-0 flex-1 bg-transparent text-[15px] select-text placeholder:text-ink-3 focus-visible:outline-none"
          />
          <kbd className="keycap">{t('key.escape')}</kbd>
        </div>
        <Command.List
          label={t('palette.label')}
          className="max-h-[min(400px,60vh)] overflow-y-auto p-1.5"
        >
          <Command.Empty className="px-3 py-8 text-center text-ink-2">
            {t('palette.empty')}
          </Command.Empty>
          {commands.map((command) => (
            <Command.Item
              key={command.id}
              value={command.id}
              keywords={[command.label]}
              className="flex h-9 items-center gap-3 rounded-lg px-3 data-[selected=true]:bg-hover forced-colors:data-[selected=true]:outline-2"
              onSelect={() => {
                act(bridge.palette.run({ id: command.id }));
              }}
            >
              <span className="min-w-0 flex-1 truncate">{command.label}</span>
              {command.hint !== '' && (
                <span className="numeric shrink-0 text-xs text-ink-2">{command.hint}</span>
              )}
            </Command.Item>
          ))}
        </Command.List>
      </Command>
    </Modal>
  );
}
