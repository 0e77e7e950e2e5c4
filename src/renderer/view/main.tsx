import '../styles/app.css';

import { createRoot } from 'react-dom/client';

import type { PaneChange } from '../../shared/index.ts';
import { getBridge } from '../app/bridge.ts';
import { rootElement } from '../app/root-element.ts';
import { mergeConversation } from '../state/conversation.ts';
import type { Conversation } from '../state/conversation.ts';
import { createProjection, followSource } from '../state/projection.ts';
import { ViewApp } from './view-app.tsx';

const bridge = getBridge<'view'>();
const projection = createProjection<Conversation, PaneChange>(mergeConversation);
followSource(projection, bridge.pane);

createRoot(rootElement()).render(<ViewApp bridge={bridge} projection={projection} />);
