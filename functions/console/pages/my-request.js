// A request to the company: who asks, for what, what a yes means; then two equal buttons.

import { html, useState } from "./preact.js";
import { call, useAction } from "./api.js";
import { dropDrafts, useDraft } from "./drafts.js";
import { moment, t } from "./language.js";
import { Area, Button, Facts, Fault, Notice, Tag } from "./ui.js";
import { STATUS_TONE, setUpRows } from "./words.js";

export function MyRequest({ row, catalogue, onDone }) {
  const form = `request ${row.id}`;
  const [choice, setChoice] = useDraft(form, "choice", null);
  const [message, setMessage] = useDraft(form, "message", "");
  const [answer, setAnswer] = useState(null);
  const solution = catalogue.name(row.solution);
  const names = { office: row.officeName, customer: row.companyName };
  const decide = useAction(async () => {
    const body = { decision: choice, ...(message.trim() ? { message: message.trim() } : {}) };
    const { data } = await call("POST", `my/requests/${row.id}/decision`, { body });
    dropDrafts(form);
    setAnswer(data);
  });
  const title = t("my.request.title", { office: row.officeName, company: row.companyName, solution });
  if (answer) {
    return html`<article class="card" aria-label=${title}>
      <${Notice}>
        <p><strong>${t(`my.request.${answer.status}`, { office: row.officeName, solution })}</strong></p>
        ${(answer.next ?? []).map((step) => html`<p>${step.text}</p>`)}
      <//>
      <button type="button" onClick=${() => onDone(answer.collaborationId)}>${t("my.request.see")}</button>
    </article>`;
  }
  return html`<article class="card" aria-label=${title}>
    <h3>${title}</h3>
    ${row.status !== "pending" && html`<p><${Tag} tone=${STATUS_TONE[row.status]}>${t(`status.${row.status}`)}<//>
      ${row.decision && html` ${moment(row.decision.at)}`}</p>`}
    ${row.message && html`<p>${t("my.request.says", { name: row.sentBy.name, office: row.officeName })}</p><blockquote>${row.message}</blockquote>`}
    <${Facts} rows=${[
      ...setUpRows(row, catalogue, names),
      [t("my.request.access"), row.access.join(", ") || t("my.request.nobody", { office: row.officeName })],
      [t("sent-by"), `${row.sentBy.name}, ${row.officeName}`],
      [t("expires"), row.status === "pending" ? moment(row.expiresAt) : null],
    ]} />
    ${row.otherOffice && html`<div class="warning"><p>${t("my.request.other-office", { solution })}</p></div>`}
    ${row.status === "pending" && html`<h4>${t("my.request.means")}</h4><ul>${row.terms.text.map((line) => html`<li>${line}</li>`)}</ul>`}
    ${row.status === "pending" && !row.actions.includes("accept") &&
    html`<div class="warning"><p>${t("my.request.not-now", { office: row.officeName, solution })}</p></div>`}
    ${row.actions.length > 0 && (!row.actions.includes(choice)
      ? html`<div class="actions">
          ${["accept", "decline"].filter((verb) => row.actions.includes(verb)).map(
            (verb) => html`<button type="button" class="even" onClick=${() => setChoice(verb)}>${t(`my.request.${verb}`)}</button>`)}
        </div>`
      : html`<form class="form" aria-label=${t(`my.request.${choice}`)} onSubmit=${(event) => event.preventDefault()}>
          <p><strong>${t(`my.request.${choice}.sure`, { company: row.companyName, office: row.officeName, solution })}</strong></p>
          <${Area} label=${t("my.request.message", { office: row.officeName })} hint=${t("optional")} maxlength="2000" value=${message} onValue=${setMessage} />
          <${Fault} problem=${decide.problem} />
          <div class="actions">
            <${Button} kind="primary" type="submit" busy=${decide.busy} onClick=${decide.run}>${t(`my.request.${choice}.do`)}<//>
            <button type="button" class="quiet" onClick=${() => setChoice(null)}>${t("back")}</button>
          </div>
        </form>`)}
  </article>`;
}
