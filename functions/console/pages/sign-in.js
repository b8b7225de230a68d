// Signing in, and what belongs to it: a first password, a forgotten one, and a login of one's own for companies.

import { html, useState } from "./preact.js";
import { t } from "./language.js";
import { PairingKey, faultOfCode } from "./authenticator.js";
import {
  chooseNewPassword, confirmSignUp, email, enterCode, forgotPassword, pairAtSignIn, resetPassword, sendCodeAgain, signIn,
  signUp,
} from "./session.js";
import { Button, Input } from "./ui.js";

const NOT_CONFIRMED = "UserNotConfirmedException";

const SESSION_OVER = "NotAuthorizedException";

/** The words for what the pool said no with. */
const reason = (fault, step) =>
  t(`pool.${step}.${fault.code}`, { fallback: t(`pool.${fault.code ?? "Unreachable"}`, { fallback: t("pool.other") }) });

/** The form. `mayJoin`: people may make a login themselves, as companies' people do. */
export function SignIn({ mayJoin = false, again = false }) {
  const [step, setStep] = useState({ name: "sign-in" });
  const [address, setAddress] = useState(email());
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const [said, setSaid] = useState("");

  const move = (name, more = {}) => {
    setStep({ name, ...more });
    setFault("");
    setSaid("");
  };
  const attempt = async (does) => {
    if (busy) return;
    setBusy(true);
    setFault("");
    try {
      await does();
    } catch (problem) {
      if (problem.code === NOT_CONFIRMED) {
        await sendCodeAgain(address).catch(() => {});
        move("confirm");
        setSaid(t("sign-in.code-sent", { email: address }));
      } else if (step.challenge?.name.startsWith("authenticator")) {
        // The pool waits three minutes for a code; after that only the password helps.
        if (problem.code === SESSION_OVER) move("sign-in");
        setFault(faultOfCode(problem));
      } else setFault(reason(problem, step.name));
    }
    setBusy(false);
  };

  const proceed = (challenge) => {
    if (!challenge) return;
    setPassword("");
    setCode("");
    move(challenge.name, { challenge });
  };

  const steps = {
    "sign-in": async () => proceed(await signIn(address.trim(), password)),
    "new-password": async () => proceed(await chooseNewPassword(step.challenge, password)),
    authenticator: async () => proceed(await enterCode(step.challenge, code.trim())),
    "authenticator-setup": async () => proceed(await pairAtSignIn(step.challenge, code.trim())),
    join: async () => {
      await signUp(address.trim(), password);
      move("confirm");
      setSaid(t("sign-in.code-sent", { email: address }));
    },
    confirm: async () => {
      await confirmSignUp(address.trim(), code.trim());
      if (password) proceed(await signIn(address.trim(), password));
      else move("sign-in");
    },
    forgot: async () => {
      await forgotPassword(address.trim());
      setPassword("");
      setCode("");
      move("reset");
      setSaid(t("sign-in.code-sent", { email: address }));
    },
    reset: async () => {
      await resetPassword(address.trim(), code.trim(), password);
      proceed(await signIn(address.trim(), password));
    },
  };
  const submit = (event) => {
    event.preventDefault();
    attempt(steps[step.name]);
  };
  const asks = {
    "sign-in": ["address", "password"],
    "new-password": ["new"],
    authenticator: ["app-code"],
    "authenticator-setup": ["app-code"],
    join: ["address", "new"],
    confirm: ["address", "code"],
    forgot: ["address"],
    reset: ["code", "new"],
  }[step.name];
  const fresh = asks.includes("new");

  return html`<form class="sign-in" onSubmit=${submit} aria-busy=${busy ? "true" : undefined}>
    ${!again && html`<h1>${t(`sign-in.title.${step.name}`)}</h1>`}
    ${again && html`<p>${t("sign-in.again.text")}</p>`}
    ${step.name === "authenticator" && html`<p>${t("authenticator.ask")}</p>`}
    ${said && html`<p role="status">${said}</p>`}
    ${asks.includes("address") &&
    html`<${Input} label=${t("sign-in.email")} type="email" name="username" autocomplete="username" required
      readonly=${again && step.name === "sign-in" && email() !== ""} value=${address} onValue=${setAddress} />`}
    ${step.challenge?.key && html`<${PairingKey} address=${address} secret=${step.challenge.key} />`}
    ${(asks.includes("code") || asks.includes("app-code")) &&
    html`<${Input} label=${t(asks.includes("code") ? "sign-in.code" : "authenticator.code")} name="code" inputmode="numeric" autocomplete="one-time-code" required
      value=${code} onValue=${setCode} />`}
    ${(fresh || asks.includes("password")) &&
    html`<${Input} label=${t(fresh ? "sign-in.new-password" : "sign-in.password")} type="password" name="password"
      autocomplete=${fresh ? "new-password" : "current-password"} required hint=${fresh ? t("sign-in.rules") : ""}
      value=${password} onValue=${setPassword} />`}
    ${fault && html`<p class="fault" role="alert">${fault}</p>`}
    <div class="actions">
      <${Button} kind="primary" type="submit" busy=${busy}>${t(`sign-in.do.${step.name}`)}<//>
      ${step.name !== "sign-in" &&
      html`<button type="button" class="quiet" onClick=${() => move("sign-in")}>${t("sign-in.back")}</button>`}
    </div>
    ${step.name === "sign-in" &&
    html`<p class="aside">
      <button type="button" class="link" onClick=${() => move("forgot")}>${t("sign-in.forgot")}</button>
    </p>`}
    ${step.name === "sign-in" && mayJoin && !again &&
    html`<p class="aside">
      ${t("sign-in.join.why")}${" "}
      <button type="button" class="link" onClick=${() => move("join")}>${t("sign-in.join")}</button>
    </p>`}
  </form>`;
}
