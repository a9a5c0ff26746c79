import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './admin.css';
import { createRoot } from 'react-dom/client';
import { nonce, Root } from './app.tsx';

// Where the part that keeps the page behind a dialog from scrolling looks for it.
Object.assign(globalThis, { __webpack_nonce__: nonce });

const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<Root />);
