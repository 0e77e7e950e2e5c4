import '../styles/app.css';

import { createRoot } from 'react-dom/client';

import type { AppState } from '../../shared/index.ts';
import { getBridge } from '../app/bridge.ts';
import { rootElement } from '../app/root-element.ts';
import { createComposer } from '../features/composer/composer-store.ts';
import { createProjection, followSource } from '../state/projection.ts';
import { ShellApp } from './shell-app.tsx';

const bridge = getBridge<'shell'>();
const projection = createProjection<AppState, AppState>((_, state) => state);
followSource(projection, bridge.state);

createRoot(rootElement()).render(
  <ShellApp bridge={bridge} projection={projection} composer={createComposer(bridge.composer)} />,
);
