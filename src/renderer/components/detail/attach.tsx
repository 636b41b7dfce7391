import { CopyButton } from '../copy-button';

/** The command that shows the worker in a terminal. */
export function Attach({ command }: { command: string }) {
  return (
    <section aria-labelledby="attach-title">
      <h3 id="attach-title" className="label">
        See it in a terminal
      </h3>
      <div className="well attach">
        <code>{command}</code>
        <CopyButton text={command} what="attach command" />
      </div>
    </section>
  );
}
