// The small pieces that every page is made of.

import { html, useEffect, useRef, useState } from "./preact.js";
import { t } from "./language.js";

/** What went wrong, in place: the problem document's own words, field by field, and a way on. */
export function Fault({ problem, retry, children }) {
  const place = useRef(null);
  useEffect(() => {
    if (problem) place.current?.scrollIntoView?.({ block: "nearest" });
  }, [problem]);
  if (!problem) return null;
  const unreachable = problem.slug === "unreachable";
  return html`<div class="fault" role="alert" ref=${place}>
    <p><strong>${unreachable ? t("fault.unreachable") : problem.title || t("fault.title")}</strong></p>
    ${problem.detail && html`<p>${problem.detail}</p>`}
    ${problem.errors?.length > 0 &&
    html`<ul>
      ${problem.errors.map((error) => html`<li>${error.detail}</li>`)}
    </ul>`}
    ${children}
    ${retry && html`<button type="button" class="quiet" onClick=${retry}>${t("fault.retry")}</button>`}
  </div>`;
}

/** Shown while something loads: the room it will take. */
export const Skeleton = ({ rows = 3 }) =>
  html`<div class="skeleton" role="status" aria-label=${t("loading")}>
    ${Array.from({ length: rows }, () => html`<span></span>`)}
  </div>`;

/** Nothing is here, and what to do next. */
export const Empty = ({ title, text, children }) =>
  html`<div class="empty"><p><strong>${title}</strong></p>${text && html`<p>${text}</p>`}${children}</div>`;

/** A short word about a state. `tone`: good, warn, bad or none. */
export const Tag = ({ tone = "", children }) => html`<span class=${`tag ${tone}`}>${children}</span>`;

let ids = 0;
export function useId() {
  const id = useRef(null);
  if (id.current === null) id.current = `f${(ids += 1)}`;
  return id.current;
}

/** A label, its control, a hint and a fault, tied together. `children` is given the control's attributes. */
export function Field({ label, hint, fault, children }) {
  const id = useId();
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ") || undefined;
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${children({ id, "aria-describedby": described, "aria-invalid": fault ? "true" : undefined })}
    ${fault && html`<p class="field-fault" id=${`${id}-fault`}>${fault}</p>`}
  </div>`;
}

export const Input = ({ label, hint, fault, value, onValue, ...rest }) =>
  html`<${Field} label=${label} hint=${hint} fault=${fault}>
    ${(tied) => html`<input ...${tied} ...${rest} value=${value} onInput=${(event) => onValue(event.target.value)} />`}
  <//>`;

export const Area = ({ label, hint, fault, value, onValue, ...rest }) =>
  html`<${Field} label=${label} hint=${hint} fault=${fault}>
    ${(tied) =>
      html`<textarea ...${tied} ...${rest} rows="3" value=${value} onInput=${(event) => onValue(event.target.value)} />`}
  <//>`;

/** One of several. `options`: `[value, words]` each; `none` is the words for nothing chosen. */
export const Select = ({ label, hint, fault, value, onValue, options, none, ...rest }) =>
  html`<${Field} label=${label} hint=${hint} fault=${fault}>
    ${(tied) => html`<select ...${tied} ...${rest} value=${value ?? ""} onChange=${(event) => onValue(event.target.value)}>
      ${none !== undefined && html`<option value="" selected=${!value}>${none}</option>`}
      ${options.map(
        ([key, words]) => html`<option value=${String(key)} selected=${String(key) === String(value)}>${words}</option>`,
      )}
    </select>`}
  <//>`;

/** One of a few, all seen. `options`: `[value, words, more]` each. */
export function Choice({ label, value, onValue, options }) {
  const id = useId();
  return html`<fieldset class="choice">
    <legend>${label}</legend>
    ${options.map(
      ([key, words, more]) => html`<label class="option">
        <input type="radio" name=${id} value=${key} checked=${key === value} onChange=${() => onValue(key)} />
        <span>${words}${more && html`<small>${more}</small>`}</span>
      </label>`,
    )}
  </fieldset>`;
}

export const Check = ({ checked, onValue, children, ...rest }) =>
  html`<label class="option">
    <input type="checkbox" ...${rest} checked=${checked} onChange=${(event) => onValue(event.target.checked)} />
    <span>${children}</span>
  </label>`;

/** A button that says when it works, and is not pressed twice. It stays in the order of the keyboard meanwhile. */
export const Button = ({ busy, kind = "", children, onClick, ...rest }) =>
  html`<button
    type="button"
    class=${kind}
    aria-disabled=${busy ? "true" : undefined}
    aria-busy=${busy ? "true" : undefined}
    onClick=${busy ? undefined : onClick}
    ...${rest}
  >
    ${children}
  </button>`;

export const Facts = ({ rows }) =>
  html`<dl class="facts">
    ${rows
      .filter(([, value]) => value !== null && value !== undefined && value !== "")
      .map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}
  </dl>`;

/** Said to who cannot see that something has changed. */
export const Notice = ({ children }) =>
  html`<div class="live" role="status">${children && html`<div class="notice">${children}</div>`}</div>`;

/** The title of a form that opens in place: it takes the keyboard, so that the form is read and walked from its start. */
export function FormTitle({ children }) {
  const heading = useRef(null);
  useEffect(() => heading.current?.focus(), []);
  return html`<h3 tabindex="-1" ref=${heading}>${children}</h3>`;
}

/** A panel beside the list. It takes the keyboard when it opens, and again with each new `turn`. */
export function Panel({ title, close, turn, children }) {
  const heading = useRef(null);
  useEffect(() => heading.current?.focus(), [turn]);
  return html`<section class="panel" aria-label=${title}>
    <div class="panel-top">
      <h2 tabindex="-1" ref=${heading}>${title}</h2>
      <a class="close" href=${close}>${t("close")}</a>
    </div>
    ${children}
  </section>`;
}

/** A part that is opened by hand and loads what it holds only then. */
export function Disclosure({ title, open = false, children }) {
  const [seen, setSeen] = useState(open);
  return html`<details open=${open} onToggle=${(event) => event.target.open && setSeen(true)}>
    <summary>${title}</summary>
    ${seen && children()}
  </details>`;
}

/** A question over the page. The browser keeps the keyboard inside, and Escape closes it where it may be left. */
export function Modal({ title, onClose, children }) {
  const place = useRef(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    place.current.showModal();
    return () => before?.focus?.();
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    onClose?.();
  };
  return html`<dialog ref=${place} aria-labelledby=${id} onCancel=${cancel}>
    <h2 id=${id}>${title}</h2>
    ${children}
  </dialog>`;
}

export const More = ({ list }) =>
  list.more && !list.loading && html`<button type="button" class="quiet" onClick=${list.next}>${t("more")}</button>`;
