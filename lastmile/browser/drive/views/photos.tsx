// Photos of the open form: taken, shown small, removed.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { keepPhoto } from "../phone/images";
import * as state from "../state";
import { dropUpload, loadUpload } from "../store/outbox";
import { W } from "../words";
import { Icon } from "./parts";

const MOST = 8;

/** A picture that lies in the phone's memory; its address lives as long as it is shown. */
export function Stored({ id, alt }: { id: string; alt: string }) {
  const url = useSignal("");
  useEffect(() => {
    let made = "";
    let gone = false;
    void loadUpload(id).then((upload) => {
      if (!upload || gone) return;
      made = URL.createObjectURL(new Blob([upload.bytes], { type: upload.mime }));
      url.value = made;
    });
    return () => {
      gone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [id]);
  return url.value ? <img src={url.value} alt={alt} /> : <span class="spinner" />;
}

export function Photos({ ids, onChange }: { ids: string[]; onChange: (ids: string[]) => void }) {
  const busy = useSignal(false);
  const problem = useSignal("");
  const take = async (input: HTMLInputElement): Promise<void> => {
    const files = [...(input.files ?? [])];
    input.value = "";
    if (!files.length) return;
    busy.value = true;
    problem.value = "";
    const taken: string[] = [];
    for (const file of files.slice(0, MOST - ids.length)) {
      try {
        taken.push(await keepPhoto(file, state.session.value?.driver.id ?? ""));
      } catch (error) {
        console.error(error);
        problem.value = (error as DOMException).name === "QuotaExceededError" ? W.memoryFull : W.photoFailed;
      }
    }
    busy.value = false;
    if (taken.length) onChange([...ids, ...taken]);
  };
  const remove = (id: string): void => {
    onChange(ids.filter((one) => one !== id));
    void dropUpload(id);
  };
  return (
    <>
      <div class="photos">
        {ids.map((id, index) => (
          <figure key={id} class="photo">
            <Stored id={id} alt={W.photoAlt(index + 1)} />
            <button type="button" class="round" aria-label={`${W.removePhoto}: ${W.photoAlt(index + 1)}`} onClick={() => remove(id)}><Icon name="close" /></button>
          </figure>
        ))}
        {ids.length < MOST && (
          <label class="photo-add">
            <input type="file" accept="image/*" capture="environment" class="only-heard" onChange={(event) => void take(event.currentTarget)} disabled={busy.value} />
            {busy.value ? <span class="spinner" /> : <Icon name="camera" size="large" />}
            <span>{busy.value ? W.photoBusy : ids.length ? W.anotherPhoto : W.takePhoto}</span>
          </label>
        )}
      </div>
      {problem.value && <p class="error" role="alert">{problem.value}</p>}
    </>
  );
}
