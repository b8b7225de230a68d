// The second factor: an authenticator app that is paired with the login, and asked for a code at sign-in.

import { html, useEffect, useState } from "./preact.js";
import { useAction, useLoad } from "./api.js";
import { t } from "./language.js";
import { authenticator, email, newKey, pair, preferAuthenticator } from "./session.js";
import { Button, Input, Modal, Skeleton } from "./ui.js";

/** The words for what the pool said no with when it was given a code of the app, or asked about the app. */
export const faultOfCode = (fault) =>
  t(`pool.authenticator.${fault.code}`, {
    fallback: t(`pool.${fault.code ?? "Unreachable"}`, { fallback: t("pool.other") }),
  });

/** A key as apps read it: the "Key Uri Format" of Google Authenticator. */
const uriOf = (address, secret) => {
  const issuer = encodeURIComponent(t("brand"));
  return `otpauth://totp/${issuer}:${encodeURIComponent(address)}?secret=${secret}&issuer=${issuer}`;
};

/** The key to pair an app with: a code to scan, a link for who reads this on the phone, and the key itself. */
export function PairingKey({ address, secret }) {
  const uri = uriOf(address, secret);
  const [drawing, setDrawing] = useState(null);
  useEffect(() => {
    // Few ever pair an app: the module is not loaded before.
    import("./qr.js").then(({ encode }) => setDrawing(encode(uri, { border: 2 })), () => {});
  }, [uri]);
  return html`<div class="pairing">
    <p>${t("authenticator.pair")}</p>
    ${drawing && html`<${Squares} size=${drawing.size} rows=${drawing.data} />`}
    <p><a href=${uri}>${t("authenticator.open")}</a></p>
    <p>${t("authenticator.key")} <code>${secret.match(/.{1,4}/g).join(" ")}</code></p>
  </div>`;
}

const Squares = ({ size, rows }) =>
  html`<svg class="qr" role="img" aria-label=${t("authenticator.qr")} viewBox=${`0 0 ${size} ${size}`}>
    <rect width=${size} height=${size} fill="#fff" />
    <path d=${rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("")} fill="#000" />
  </svg>`;

/** Pair an app with the login that is signed in, or ask for no code any more. */
export function Authenticator({ onClose }) {
  const state = useLoad(authenticator, []);
  const [secret, setSecret] = useState("");
  const [code, setCode] = useState("");
  const { busy, problem, run } = useAction((does) => does());
  const fault = problem && faultOfCode(problem);
  const begin = () => run(async () => setSecret(await newKey(state.data.access)));
  const change = (does) =>
    run(async () => {
      await does();
      setSecret("");
      setCode("");
      state.reload();
    });
  const submit = (event) => {
    event.preventDefault();
    if (!busy) change(() => pair(state.data.access, code.trim()));
  };

  return html`<${Modal} title=${t("authenticator")} onClose=${onClose}>
    ${!state.data &&
    (state.problem
      ? html`<p class="fault" role="alert">${faultOfCode(state.problem)}</p>`
      : html`<${Skeleton} rows=${2} />`)}
    ${state.data && !secret &&
    html`<p role="status">${t(state.data.paired ? "authenticator.on" : "authenticator.off")}</p>
      ${fault && html`<p class="fault" role="alert">${fault}</p>`}
      <div class="actions">
        <${Button} kind=${state.data.paired ? "" : "primary"} busy=${busy}
          onClick=${begin}>
          ${t(state.data.paired ? "authenticator.replace" : "authenticator.start")}
        <//>
        ${state.data.paired &&
        html`<${Button} busy=${busy} onClick=${() => change(() => preferAuthenticator(state.data.access, false))}>
          ${t("authenticator.stop")}
        <//>`}
      </div>`}
    ${secret &&
    html`<form onSubmit=${submit} aria-busy=${busy ? "true" : undefined}>
      <${PairingKey} address=${email()} secret=${secret} />
      <${Input} label=${t("authenticator.code")} name="code" inputmode="numeric" autocomplete="one-time-code" required
        value=${code} onValue=${setCode} />
      ${fault && html`<p class="fault" role="alert">${fault}</p>`}
      <div class="actions"><${Button} kind="primary" type="submit" busy=${busy}>${t("authenticator.do")}<//></div>
    </form>`}
    <p class="aside"><button type="button" class="link" onClick=${onClose}>${t("close")}</button></p>
  <//>`;
}
