import '../no-eval';
import { createRoot } from 'react-dom/client';
import { createKeyKeeper } from './key';
import { arrivalWords } from './moving';
import { Page } from './page';

const root = document.getElementById('root');
if (!root) throw new Error('page.html has no element #root');
createRoot(root).render(<Page keeper={createKeyKeeper(window)} arrival={arrivalWords(location, history)} />);
