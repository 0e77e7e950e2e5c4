import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

/** A button that shows only an icon; its name is spoken, and shown on hover. */
export function IconButton(props: {
  readonly icon: LucideIcon;
  readonly name: string;
  readonly onPress: () => void;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly className?: string;
  readonly marker?: string;
}): ReactNode {
  const { icon: Icon, name, onPress, disabled = false, pressed, className = '', marker } = props;
  return (
    <button
      type="button"
      className={`icon-button ${className}`}
      aria-label={name}
      title={name}
      disabled={disabled}
      aria-pressed={pressed}
      data-marker={marker}
      onClick={onPress}
    >
      <Icon aria-hidden className="size-4" strokeWidth={1.75} />
    </button>
  );
}
