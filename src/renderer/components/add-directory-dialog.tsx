import { type FormEvent, useId, useRef, useState } from 'react';
import { useApp } from '../context';
import { errorWords } from '../state/store';
import { Modal } from './modal';

/** Asks for the path of a directory, where there is no system's dialog to choose one in. */
export function AddDirectoryDialog() {
  const { bridge, actions } = useApp();
  const [path, setPath] = useState('');
  const [adding, setAdding] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();

  async function onSubmit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (adding || !path.trim()) return;
    setAdding(true);
    const answer = await bridge
      .invoke('directory.add', path.trim())
      .catch((failure) => ({ ok: false as const, reason: errorWords(failure) }));
    setAdding(false);
    if (answer.ok) actions.closeAddDirectory();
    else setError(answer.reason);
  }

  return (
    <Modal
      role="dialog"
      className="add-directory"
      labelledBy={`${id}-title`}
      describedBy={`${id}-about`}
      initialFocus={field}
      onCancel={actions.closeAddDirectory}
    >
      <form onSubmit={(event) => void onSubmit(event)} noValidate>
        <div className="modal-head">
          <h2 id={`${id}-title`}>Add directory</h2>
        </div>
        <div className="modal-body">
          <p id={`${id}-about`}>
            A directory of the machine idlewatch runs on: each worker in it is a directory of its own, with its
            heartbeat.
          </p>
          <label className="label" htmlFor={`${id}-path`}>
            Path
          </label>
          <input
            ref={field}
            id={`${id}-path`}
            className="field"
            type="text"
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            placeholder="/home/me/agents/workers"
            value={path}
            aria-invalid={error !== null || undefined}
            aria-describedby={`${id}-error`}
            onChange={({ target }) => setPath(target.value)}
          />
          <p id={`${id}-error`} className="tone-red" role="alert">
            {error}
          </p>
        </div>
        <div className="modal-actions">
          <button type="button" className="button" onClick={actions.closeAddDirectory}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={adding || !path.trim()}>
            Add
          </button>
        </div>
      </form>
    </Modal>
  );
}
