import { FilePlus2, X } from "lucide-react";
import { useState, type DragEvent, type FormEvent } from "react";

import { Dialog } from "../ui/Dialog";
import { bytes } from "../ui/format";
import { JobCounts } from "../ui/JobCounts";
import { Failure } from "../ui/states";
import { useUpload, type UploadState } from "./useUpload";

interface UploadDialogProps {
  collections: string[] | null;
  suggested: string | null;
  onClose: () => void;
  onAsk: (collection: string) => void;
}

const NEW = "";

export function UploadDialog({ collections, suggested, onClose, onAsk }: UploadDialogProps) {
  const { state, start } = useUpload();
  const [files, setFiles] = useState<File[]>([]);
  const [chosen, setChosen] = useState(suggested ?? NEW);
  const [named, setNamed] = useState("");
  const collection = chosen === NEW ? named.trim() : chosen;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const isNew = chosen === NEW && !(collections ?? []).includes(collection);
    if (files.length && collection) void start({ files, collection, isNew });
  };
  return (
    <Dialog title="Add files" onClose={onClose}>
      {state.phase === "choosing" ? (
        <form className="upload" onSubmit={submit}>
          {state.error && <Failure message={state.error} />}
          <FileChooser files={files} onChange={setFiles} />
          <label>
            Into the collection
            <select value={chosen} onChange={(event) => setChosen(event.target.value)}>
              {collections?.map((name) => <option key={name}>{name}</option>)}
              <option value={NEW}>A new one …</option>
            </select>
          </label>
          {chosen === NEW && (
            <label>
              Its name
              <input required pattern="[a-z0-9][a-z0-9._\-]{0,62}" title="Lower-case letters, digits, dots, dashes and underscores" value={named} onChange={(event) => setNamed(event.target.value)} />
            </label>
          )}
          <div className="dialog-actions">
            <button type="submit" className="button primary" disabled={!files.length || !collection}>
              Add {files.length > 1 ? `${files.length} files` : "the file"}
            </button>
          </div>
        </form>
      ) : (
        <UploadProgress state={state} files={files} onClose={onClose} onAsk={() => onAsk(collection)} />
      )}
    </Dialog>
  );
}

function FileChooser({ files, onChange }: { files: File[]; onChange: (files: File[]) => void }) {
  const [over, setOver] = useState(false);
  const add = (list: FileList | null) => onChange([...files, ...Array.from(list ?? [])]);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    add(event.dataTransfer.files);
  };
  return (
    <>
      <label
        className={over ? "drop over" : "drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <FilePlus2 aria-hidden />
        Choose files, or drop them here
        <input type="file" multiple onChange={(event) => add(event.target.files)} />
      </label>
      <ul className="file-list">
        {files.map((file, index) => (
          <li key={`${file.name}-${index}`}>
            <span className="ellipsis">{file.name}</span> <span className="muted">{bytes(file.size)}</span>
            <button type="button" className="icon-button" aria-label={`Leave out ${file.name}`} onClick={() => onChange(files.toSpliced(index, 1))}>
              <X aria-hidden />
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

interface UploadProgressProps {
  state: Exclude<UploadState, { phase: "choosing" }>;
  files: File[];
  onClose: () => void;
  onAsk: () => void;
}

function UploadProgress({ state, files, onClose, onAsk }: UploadProgressProps) {
  if (state.phase === "sending") {
    const share = state.shares.reduce((sum, each, index) => sum + each * (files[index]?.size ?? 0), 0);
    const total = files.reduce((sum, file) => sum + file.size, 0);
    return (
      <div role="status">
        <p>Sending {files.length === 1 ? files[0]?.name : `${files.length} files`} …</p>
        <progress aria-label="Sent" max={total || 1} value={share} />
      </div>
    );
  }
  const { job } = state;
  const searchable = job.done + job.unchanged;
  return (
    <div>
      <JobCounts job={job} />
      {state.phase === "reading" && <p className="muted">You may close this; it goes on in the platform.</p>}
      {state.phase === "ended" && (
        <div className="dialog-actions">
          <button type="button" className="button quiet" onClick={onClose}>
            Close
          </button>
          {searchable > 0 && (
            <button type="button" className="button primary" onClick={onAsk}>
              Ask about {searchable === 1 ? "it" : "them"}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
