/** Where a token is needed: who operates Turnlog signs in here. */
import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { messageOf } from "../api.js";
import { signIn } from "./access.js";

export function SignInForm() {
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => field.current?.focus(), []);

  /** @param {SubmitEvent} event */
  async function onSubmit(event) {
    event.preventDefault();
    setBusy(true);
    setError("");
    try {
      await signIn(field.current?.value ?? "");
    } catch (cause) {
      setError(messageOf(cause));
      setBusy(false);
      field.current?.select();
    }
  }

  return html`
    <form class="sign-in" onSubmit=${onSubmit}>
      <h2>Sign in as an operator</h2>
      <p class="muted">
        Operators see everyone's turns, retry them and stop them. The token is what
        ${" "}<code>TURNLOG_OPERATOR_TOKEN</code> holds; a sign-in lasts 12 hours.
      </p>
      <label class="sign-in-field">
        Token
        <input
          ref=${field}
          type="password"
          class="field"
          name="token"
          required
          autocomplete="current-password"
          aria-invalid=${error !== ""}
          aria-describedby="sign-in-error"
        />
      </label>
      <p id="sign-in-error" class="problem" role="alert">${error}</p>
      <button type="submit" class="button primary" disabled=${isBusy}>Sign in</button>
    </form>
  `;
}
