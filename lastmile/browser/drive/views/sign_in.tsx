// Who drives this phone.
import { useSignal } from "@preact/signals";
import { session, signedOut, signIn, waiting } from "../state";
import { W } from "../words";
import { Big, Icon } from "./parts";

export function SignIn() {
  const again = signedOut.value;
  const email = useSignal(again ? (session.value?.email ?? "") : "");
  const password = useSignal("");
  const shown = useSignal(false);
  const busy = useSignal(false);
  const error = useSignal("");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    error.value = "";
    try {
      error.value = await signIn(email.value, password.value);
    } catch (problem) {
      console.error(problem);
      error.value = W.keptNot;
    }
    busy.value = false;
  };
  return (
    <main class="gate-drive">
      <div class="gate-hero">
        <svg class="gate-mark" viewBox="0 0 24 24" fill="none" aria-hidden="true">
          <path d="M5 19h8.500a4 4 0 0 0 0-8H10a3.500 3.500 0 0 1 0-7h3" stroke="currentColor" stroke-width="2.600" stroke-linecap="round" />
          <circle cx="5" cy="19" r="2.600" fill="currentColor" /><path d="m16.500 1.300 4.300 2.700-4.300 2.700z" fill="#fff" />
        </svg>
        <h1>{W.app}</h1>
        <p>{W.hello}</p>
      </div>
      <form class="gate-card" method="post" onSubmit={(event) => void submit(event)}>
        {again && (
          <div class="notice notice-warn" role="status"><Icon name="lock" />
            <div>{W.signInAgain}{waiting.value.length > 0 && <> {W.waitingWork(waiting.value.length)}</>}</div>
          </div>
        )}
        <div class="field">
          <label for="email">{W.email}</label>
          <input id="email" name="email" class="input tall" type="email" autocomplete="username" inputMode="email" autocapitalize="none" required
            value={email.value} onInput={(event) => { email.value = event.currentTarget.value; }} />
        </div>
        <div class="field">
          <label for="password">{W.password}</label>
          <div class="with-button">
            <input id="password" name="password" class="input tall" type={shown.value ? "text" : "password"} autocomplete="current-password" required
              value={password.value} onInput={(event) => { password.value = event.currentTarget.value; }} />
            <button type="button" class="inside" aria-pressed={shown.value} aria-label={shown.value ? W.hidePassword : W.showPassword}
              onClick={() => { shown.value = !shown.value; }}><Icon name={shown.value ? "hidden" : "eye"} /></button>
          </div>
        </div>
        <p class="error" role="alert">{error.value}</p>
        <Big type="submit" tone="primary" busy={busy.value} wide>{busy.value ? W.signingIn : W.signIn}</Big>
        <p class="muted small center">{W.dispatcherHint}</p>
      </form>
    </main>
  );
}
