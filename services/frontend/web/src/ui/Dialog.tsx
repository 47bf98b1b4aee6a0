/** The browser's own dialog: it keeps the focus inside, and Escape closes it. */
import { X } from "lucide-react";
import { useEffect, useId, useRef, useState, type ReactNode } from "react";

import { sentence } from "../api/client";
import { Failure } from "./states";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

export function Dialog({ title, onClose, children }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = box.current;
    if (dialog && !dialog.open) dialog.showModal();
  }, []);
  return (
    <dialog ref={box} aria-labelledby={heading} onClose={onClose}>
      <header className="dialog-head">
        <h2 id={heading}>{title}</h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={() => box.current?.close()}>
          <X aria-hidden />
        </button>
      </header>
      {children}
    </dialog>
  );
}

interface ConfirmProps extends DialogProps {
  action: string;
  onConfirm: () => Promise<void>;
}

/** Asks before what cannot be undone; stays open with the reason when it fails. */
export function ConfirmDialog({ title, action, onConfirm, onClose, children }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
    } catch (error) {
      setFailure(sentence(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{children}</p>
      {failure && <Failure message={failure} />}
      <div className="dialog-actions">
        <button type="button" className="button quiet" onClick={onClose}>
          Keep
        </button>
        <button type="button" className="button danger" disabled={busy} onClick={() => void confirm()}>
          {action}
        </button>
      </div>
    </Dialog>
  );
}
