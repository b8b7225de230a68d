// What is around every page: who is signed in, where one can go, the language, and signing in again.

import { html, render, useEffect, useRef, useState } from "./preact.js";
import { Authenticator } from "./authenticator.js";
import { get, useLoad } from "./api.js";
import { language, onLanguage, setLanguage, t } from "./language.js";
import { email, hasExpired, isSignedIn, onSession, signOut } from "./session.js";
import { SignIn } from "./sign-in.js";
import { Fault, Modal, Skeleton } from "./ui.js";

const OTHER = { sv: "en", en: "sv" };

/**
 * The page of one class of callers. `caller`: the class of /me; `brand`: the key of the name at the top; `links`:
 * `[key, href]`; `elsewhere`: the other page.
 */
export function start({ caller, brand = "brand", links = [], elsewhere, mayJoin, Page }) {
  const place = document.getElementById("app");
  render(html`<${Shell} ...${{ caller, brand, links, elsewhere, mayJoin, Page }} />`, place);
}

function Shell({ caller, brand, links, elsewhere, mayJoin, Page }) {
  const [, setTurn] = useState(0);
  useEffect(() => {
    const again = () => setTurn((turn) => turn + 1);
    const leave = [onLanguage(again), onSession(again)];
    return () => leave.forEach((off) => off());
  }, []);
  return html`
    <a class="skip" href="#main" onClick=${skip}>${t("skip")}</a>
    ${isSignedIn() || hasExpired()
      ? html`<${SignedIn} ...${{ caller, brand, links, elsewhere, Page }} key=${email()} />`
      : html`<${Top} brand=${brand} /><main id="main" tabindex="-1" class="narrow"><${SignIn} mayJoin=${mayJoin} /></main>`}
    ${hasExpired() &&
    html`<${Modal} title=${t("sign-in.again")}>
      <${SignIn} again=${true} />
      <p class="aside"><button type="button" class="link" onClick=${signOut}>${t("sign-in.leave")}</button></p>
    <//>`}
  `;
}

function skip(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

function Top({ me, brand, links = [], current }) {
  const [pairing, setPairing] = useState(false);
  document.title = [current && t(`nav.${current}`), t(brand)].filter(Boolean).join(" – ");
  return html`<header class="top">
    <a class="brand" href="./">${t(brand)}</a>
    ${links.length > 0 &&
    html`<nav aria-label=${t("nav")}>
      ${links.map(
        ([key, target]) => html`<a href=${target} aria-current=${key === current ? "page" : undefined}>${t(`nav.${key}`)}</a>`,
      )}
    </nav>`}
    <div class="who">
      ${me && html`<span class="name">${me.name ?? me.email}${me.office && html`<small>${me.office.name}</small>`}</span>`}
      <button type="button" class="link" lang=${OTHER[language()]} onClick=${() => setLanguage(OTHER[language()])}>
        ${t("language.other")}
      </button>
      ${me && html`<button type="button" class="link" onClick=${() => setPairing(true)}>${t("authenticator")}</button>`}
      ${me && html`<button type="button" class="link" onClick=${signOut}>${t("sign-out")}</button>`}
    </div>
    ${pairing && html`<${Authenticator} onClose=${() => setPairing(false)} />`}
  </header>`;
}

function SignedIn({ caller, brand, links, elsewhere, Page }) {
  const me = useLoad(() => get("me"), []);
  const [current, setCurrent] = useState(null);
  // Whoever goes to another page starts at its beginning, with the keyboard too; the first one is where the browser starts.
  const before = useRef(null);
  useEffect(() => {
    if (before.current && current) document.getElementById("main")?.focus();
    before.current = current;
  }, [current]);
  useEffect(() => {
    if (me.data?.office?.locale) setLanguage(me.data.office.locale, { chosen: false });
  }, [me.data]);
  if (!me.data) {
    return html`<${Top} me=${me.problem && {}} brand=${brand} /><main id="main" tabindex="-1" class="narrow">
      ${me.problem ? html`<${Fault} problem=${me.problem} retry=${me.reload} />` : html`<${Skeleton} rows=${4} />`}
    </main>`;
  }
  if (me.data.class !== caller) {
    return html`<${Top} me=${me.data} brand=${brand} /><main id="main" tabindex="-1" class="narrow">
      <h1>${t("elsewhere.title")}</h1>
      <p>${t(`elsewhere.${me.data.class}`, { email: me.data.email ?? email() })}</p>
      ${me.data.class !== "platform" && html`<p><a class="button primary" href=${elsewhere}>${t(`elsewhere.go.${me.data.class}`)}</a></p>`}
    </main>`;
  }
  return html`<${Top} me=${me.data} brand=${brand} links=${links} current=${current} />
    <main id="main" tabindex="-1"><${Page} me=${me.data} setCurrent=${setCurrent} /></main>`;
}
