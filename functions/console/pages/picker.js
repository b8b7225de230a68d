// Choosing a customer by part of the name.

import { html, useEffect, useState } from "./preact.js";
import { get, useLoad, withQuery } from "./api.js";
import { t } from "./language.js";
import { Field } from "./ui.js";

const PAUSE = 250;
const SHOWN = 8;

/** What somebody writes, once they have paused. */
export function useSettled(value, pause = PAUSE) {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pause);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

export function CustomerPicker({ label, value, onValue }) {
  const [text, setText] = useState("");
  const wanted = useSettled(text.trim());
  const chosen = useLoad(() => (value ? get(`customers/${value}`) : Promise.resolve({ data: null })), [value]);
  const found = useLoad(
    () => (wanted ? get(withQuery("customers", { query: wanted, limit: SHOWN })) : Promise.resolve({ data: null })),
    [wanted],
  );
  if (value) {
    return html`<div class="field">
      <span class="label">${label}</span>
      <span class="chosen">
        ${chosen.data?.name ?? (chosen.problem ? value : "…")}
        <button type="button" class="link" onClick=${() => onValue("")}>${t("remove")}</button>
      </span>
    </div>`;
  }
  const choose = (id) => {
    setText("");
    onValue(id);
  };
  return html`<div class="picker">
    <${Field} label=${label}>
      ${(tied) => html`<input ...${tied} type="search" autocomplete="off" placeholder=${t("picker.write")} value=${text}
        onInput=${(event) => setText(event.target.value)} />`}
    <//>
    ${wanted && found.data &&
    html`<ul class="found">
      ${found.data.items.map(
        (customer) => html`<li><button type="button" onClick=${() => choose(customer.id)}>${customer.name}</button></li>`,
      )}
      ${found.data.items.length === 0 && html`<li class="hint">${t("picker.none")}</li>`}
    </ul>`}
  </div>`;
}
