import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './admin.css';
import { createRoot } from 'react-dom/client';
import { Root } from './app.tsx';

const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<Root />);
