// Ending, from either side: when, what happens afterwards, what has to be done first, and a confirmation by name.

import { html, useState } from "./preact.js";
import { call, everyItem, get, useAction } from "./api.js";
import { dropDrafts, useDraft } from "./drafts.js";
import { day, t, today } from "./language.js";
import { Button, Check, Choice, Facts, Fault, FormTitle, Input } from "./ui.js";
import { payer, RECIPIENTS } from "./words.js";

const STALE = 412;

/**
 * `root`: `collaborations` for the office, `my/collaborations` for the company; `own`: the end that this side has
 * arranged, which is then moved.
 */
export function End({ row, etag, me, catalogue, root, own, onDone, onCancel }) {
  const form = `end ${row.id}`;
  const [seen, setSeen] = useState({ row, etag });
  const [when, setWhen] = useDraft(form, "when", own ? "later" : "now");
  const [on, setOn] = useDraft(form, "on", own?.on ?? "");
  const [outcome, setOutcome] = useDraft(form, "outcome", own?.outcome ?? (row.outcomes.length === 1 ? row.outcomes[0] : null));
  const [checked, setChecked] = useDraft(form, "checklist", []);
  const [typed, setTyped] = useState("");
  const [sure, setSure] = useState(false);
  const [stale, setStale] = useState(null);
  // What has to be known before and stands in no catalogue: the API names it when it is not confirmed.
  const [warned, setWarned] = useState({ outcome: null, keys: [] });

  const solution = catalogue.name(row.solution);
  const other = root === "collaborations" ? row.customerName ?? row.accountName : row.officeName;
  const listed = catalogue.get(row.solution)?.checklist ?? [];
  const checklist = [...listed, ...(warned.outcome === outcome ? warned.keys : [])];
  const mustName = outcome === "delete" || checklist.length > 0;
  const customer = row.customerName ?? row.accountName;
  const officePays = !seen.row.customerOwned && RECIPIENTS.some((field) => seen.row.setup?.[field] === "office");
  const means = (key) => {
    const kept = t(`outcome.${key}.means`, { solution, customer });
    return key === "continue" && officePays ? `${kept} ${t("outcome.continue.pays", { customer })}` : kept;
  };
  const same = (text) => text.trim().toLocaleLowerCase() === solution.toLocaleLowerCase();
  const confirmed = mustName ? same(typed) && checklist.every((key) => checked.includes(key)) : sure;
  const ready = outcome && confirmed && (when === "now" || on);

  const end = useAction(async () => {
    const body = {
      outcome,
      ...(when === "later" ? { on } : {}),
      ...(mustName ? { confirmSolution: row.solution, checklist: checked.filter((key) => checklist.includes(key)) } : {}),
    };
    try {
      const answer = await call("POST", `${root}/${row.id}/end`, { body, match: seen.etag });
      dropDrafts(form);
      onDone(answer);
    } catch (problem) {
      const more = (problem.document?.confirm ?? []).filter((key) => key !== row.solution && !listed.includes(key));
      if (more.length > 0) setWarned({ outcome, keys: more });
      if (problem.status !== STALE) throw problem;
      const now = await reread(root, row.id);
      setSeen(now);
      setStale(now.row);
    }
  });

  const cancel = () => {
    dropDrafts(form);
    onCancel();
  };
  return html`<form class="form" aria-label=${t(own ? "do.move-end" : "do.end")} onSubmit=${(event) => event.preventDefault()}>
    <${FormTitle}>${t(own ? "end.title.move" : "end.title", { solution, other })}<//>
    <p>${t("end.lead", { other })}</p>
    <${Choice} label=${t("end.when")} value=${when} onValue=${setWhen}
      options=${[["now", t("end.now")], ["later", t("end.later"), t("end.later.text")]]} />
    ${when === "later" && html`<${Input} label=${t("end.date")} type="date" min=${today(1)} value=${on} onValue=${setOn} />`}
    <${Choice} label=${t("end.outcome", { solution })} value=${outcome} onValue=${setOutcome}
      options=${seen.row.outcomes.map((key) => [key, t(`outcome.${key}.choice`), means(key)])} />
    ${checklist.length > 0 && html`<fieldset class="choice"><legend>${t("end.checklist")}</legend>
      ${checklist.map((key) => html`<${Check} checked=${checked.includes(key)}
        onValue=${(now) => setChecked(now ? [...checked, key] : checked.filter((one) => one !== key))}>${t(`checklist.${key}`, { fallback: key })}<//>`)}
    </fieldset>`}
    ${mustName
      ? html`<${Input} label=${t("end.name", { solution })} hint=${t("end.name.hint")} value=${typed} onValue=${setTyped} autocomplete="off" />`
      : html`<${Check} checked=${sure} onValue=${setSure}>${t("end.sure", { solution, other })}<//>`}
    ${stale && html`<div class="warning" role="alert"><p><strong>${t("conflict.title")}</strong></p><p>${t("end.stale")}</p>
      <${Facts} rows=${[[t("state"), t(`state.${stale.state}`)], [t("ends"), day(stale.endsOn)], [t("pays"), payer(stale, { office: me.office?.name ?? stale.officeName, customer: stale.customerName ?? stale.accountName }).now]]} />
    </div>`}
    <${Fault} problem=${end.problem} />
    <div class="actions">
      <${Button} kind="danger" type="submit" busy=${end.busy} disabled=${!ready} onClick=${() => ready && end.run()}>
        ${when === "now" ? t("end.do", { solution }) : t("end.do-later", { solution, date: on ? day(on) : "…" })}<//>
      <button type="button" class="quiet" onClick=${cancel}>${t("cancel")}</button>
    </div>
  </form>`;
}

/** The collaboration as it is now, with the ETag to act upon. The company's list has no single reading: its row tells. */
async function reread(root, id) {
  if (root === "collaborations") {
    const { data, etag } = await get(`${root}/${id}`);
    return { row: data, etag };
  }
  const row = (await everyItem(`${root}?limit=100`)).find((found) => found.id === id);
  return { row, etag: `"${row.revision}"` };
}

/** What the customer still has with the office, and still pays for. */
export function Remaining({ rows, catalogue, link }) {
  return html`<div class="remaining">
    <p><strong>${rows.length ? t("end.remaining") : t("end.nothing-remains")}</strong></p>
    ${rows.length > 0 && html`<ul>
      ${rows.map((row) => html`<li>${link ? html`<a href=${link(row)}>${catalogue.name(row.solution)}</a>` : catalogue.name(row.solution)}</li>`)}
    </ul>`}
  </div>`;
}
