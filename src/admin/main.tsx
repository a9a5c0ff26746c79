import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './admin.css';
import { createRoot } from 'react-dom/client';
import { nonce, Root } from './app.tsx';
import { followSteps } from './leaving.ts';

// Where the part that keeps the page behind a dialog from scrolling looks for it.
Object.assign(globalThis, { __webpack_nonce__: nonce });

followSteps();
const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<Root />);
