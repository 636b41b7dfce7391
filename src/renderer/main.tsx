import './no-eval';
import { createRoot } from 'react-dom/client';
import type { Bridge } from '../shared/ipc';
import { App } from './app';

declare global {
  interface Window {
    /** Put there by the preload. */
    idlewatch: Bridge;
  }
}

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element #root');
createRoot(root).render(<App bridge={window.idlewatch} />);
