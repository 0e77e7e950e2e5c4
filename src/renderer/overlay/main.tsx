import '../styles/app.css';

import { createRoot } from 'react-dom/client';

import type { OverlayState } from '../../shared/index.ts';
import { getBridge } from '../app/bridge.ts';
import { rootElement } from '../app/root-element.ts';
import { createProjection, followSource } from '../state/projection.ts';
import { OverlayApp } from './overlay-app.tsx';
import { overlaySource } from './overlay-source.ts';
import type { OverlayMessage } from './overlay-source.ts';

const bridge = getBridge<'overlay'>();
const projection = createProjection<OverlayState, OverlayMessage>((_, { state }) => state);
followSource(projection, overlaySource(bridge.overlay));

createRoot(rootElement()).render(<OverlayApp bridge={bridge} projection={projection} />);
