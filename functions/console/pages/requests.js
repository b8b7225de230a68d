// Sent requests: what was asked of whom, what became of it, and what can be done about it.

import { html, useState } from "./preact.js";
import { call, everyItem, get, useAction, useList, useLoad, withQuery } from "./api.js";
import { dayOf, moment, t } from "./language.js";
import { CustomerPicker } from "./picker.js";
import { go, href } from "./route.js";
import { Timeline } from "./timeline.js";
import { Button, Disclosure, Empty, Facts, Fault, More, Notice, Panel, Select, Skeleton, Tag } from "./ui.js";
import { DELIVERY_TONE, STATUS_TONE, employeeChoice, setUpRows, solutionOptions } from "./words.js";

const HERE = ["requests"];
const FILTERS = ["status", "customerId", "solution", "sentBy", "expiringBefore", "bounced", "withObstacle"];
const STATES = ["pending", "accepted", "declined", "revoked", "expired"];
const WORST = ["failed", "bounced", "complained", "delayed", "queued", "sent", "delivered"];
const MOST_REMINDERS = 3;
const DAY = 86_400_000;

export function Requests({ me, employees, moreEmployees, catalogue, query }) {
  const filters = Object.fromEntries(FILTERS.filter((name) => query[name]).map((name) => [name, query[name]]));
  const list = useList(withQuery("invitations", { limit: 50, ...filters }));
  const set = (name, value) => go(HERE, { ...filters, [name]: value }, { replace: true });
  const open = query.open;
  const people = employeeChoice(employees, moreEmployees);
  return html`<div class=${`split ${open ? "opened" : ""}`}>
    <div class="list">
      <div class="title">
        <h1>${t("nav.requests")}</h1>
        ${me.mayDecide && html`<a class="button" href=${href(["requests", "new"])}>${t("batch.open")}</a>`}
      </div>
      <form class="filters" aria-label=${t("filter")} onSubmit=${(event) => event.preventDefault()}>
        <${CustomerPicker} label=${t("customer")} value=${filters.customerId} onValue=${(id) => set("customerId", id)} />
        <${Select} label=${t("state")} none=${t("filter.all")} value=${filters.status}
          options=${STATES.map((state) => [state, t(`status.${state}`)])} onValue=${(value) => set("status", value)} />
        <${Select} label=${t("solution")} none=${t("filter.all")} value=${filters.solution} options=${solutionOptions(catalogue)}
          onValue=${(value) => set("solution", value)} />
        <${Select} label=${t("sent-by")} none=${t("filter.all")} value=${filters.sentBy} ...${people} onValue=${(value) => set("sentBy", value)} />
        ${Object.keys(filters).length > 0 && html`<p class="filtered">
          ${filters.expiringBefore && html`<${Tag}>${t("filter.expiringBefore", { date: moment(filters.expiringBefore) })}<//> `}
          ${filters.bounced === "true" && html`<${Tag}>${t("filter.bounced")}<//> `}
          ${filters.withObstacle === "true" && html`<${Tag}>${t("filter.withObstacle")}<//> `}
          <a href=${href(HERE)}>${t("filter.clear")}</a>
        </p>`}
      </form>
      <${Fault} problem=${list.problem} retry=${list.reload} />
      ${list.items.length > 0 && html`<table class="rows">
        <thead><tr>${["customer", "solution", "sent", "state", "mail", "reminders"].map((name) => html`<th scope="col">${t(`column.${name}`)}</th>`)}</tr></thead>
        <tbody>${list.items.map((row) => html`<tr key=${row.id} class=${row.id === open ? "current" : ""}>
          <th scope="row" data-label=${t("column.customer")}>
            <a href=${href(HERE, { ...filters, open: row.id })} aria-current=${row.id === open ? "true" : undefined}>${row.customerName}</a>
          </th>
          <td data-label=${t("column.solution")}>${catalogue.name(row.solution)}</td>
          <td data-label=${t("column.sent")}>${dayOf(row.sentAt)}<small>${row.sentBy.name}</small></td>
          <td data-label=${t("column.state")}><${Tag} tone=${STATUS_TONE[row.status]}>${t(`status.${row.status}`)}<//>
            ${row.status === "pending" && html`<small>${t("until", { date: dayOf(row.expiresAt) })}</small>`}
            ${row.obstacle && html` <${Tag} tone="bad">${t(`obstacle.${row.obstacle}`)}<//>`}</td>
          <td data-label=${t("column.mail")}><${Delivery} row=${row} /></td>
          <td data-label=${t("column.reminders")}>${row.reminders}</td>
        </tr>`)}</tbody>
      </table>`}
      ${list.loading && html`<${Skeleton} rows=${6} />`}
      ${!list.loading && !list.problem && list.items.length === 0 && html`<${Empty}
        title=${t(Object.keys(filters).length ? "requests.none-filtered" : "requests.none")}
        text=${Object.keys(filters).length ? "" : t("requests.none.text")}>
        <a class="button primary" href=${Object.keys(filters).length ? href(HERE) : href(["customers"])}>
          ${t(Object.keys(filters).length ? "filter.clear" : "collaborations.none.go")}</a>
      <//>`}
      <${More} list=${list} />
    </div>
    ${open && html`<${Sent} key=${open} id=${open} close=${href(HERE, filters)} onChanged=${list.replace} ...${{ me, catalogue }} />`}
  </div>`;
}

/** The delivery that most wants a look, and whether anybody has opened it. */
function Delivery({ row }) {
  if (row.recipients.length === 0) return "–";
  const worst = WORST.find((state) => row.recipients.some((person) => person.delivery === state));
  const opened = row.recipients.filter((person) => person.fetchedAt).length;
  return html`<${Tag} tone=${DELIVERY_TONE[worst]}>${t(`delivery.${worst}`)}<//>
    ${row.recipients.some((person) => person.reportedAt) && html` <${Tag} tone="bad">${t("recipient.reported")}<//>`}
    <small>${opened ? t("opened.by", { count: opened, all: row.recipients.length }) : t("opened.not")}</small>`;
}

function Sent({ id, close, onChanged, me, catalogue }) {
  const loaded = useLoad(() => get(`invitations/${id}`), [id]);
  const history = useLoad(async () => ({ data: await everyItem(`invitations/${id}/history?limit=100`) }), [id]);
  const [said, setSaid] = useState("");
  const [asking, setAsking] = useState(false);
  const [waitUntil, setWaitUntil] = useState(null);
  const [turn, setTurn] = useState(0);
  const row = loaded.data;
  const step = useAction(async (verb) => {
    setSaid("");
    try {
      const { data } = await call("POST", `invitations/${id}/${verb}`);
      loaded.set(data);
      onChanged(data);
      setSaid(t(`request.${verb}.done`));
      setAsking(false);
      history.reload();
      setTurn((before) => before + 1);
    } catch (problem) {
      if (problem.retryAfter) setWaitUntil(new Date(Date.now() + problem.retryAfter * 1000));
      throw problem;
    }
  });
  if (!row) {
    return html`<${Panel} title=${t("loading")} close=${close}>
      ${loaded.problem ? html`<${Fault} problem=${loaded.problem} retry=${loaded.reload} />` : html`<${Skeleton} rows=${6} />`}
    <//>`;
  }
  const names = { office: me.office?.name, customer: row.customerName };
  const rest = restUntil(row, history.data) ?? waitUntil;
  const used = row.reminders >= MOST_REMINDERS;
  const may = (verb) => row.actions.includes(verb);
  const blocked = row.status === "pending" && (used || rest);
  // What only the pause or the count refuses stays in sight, with the reason under it. Who may revoke may do it.
  const offers = (verb) => may(verb) || (blocked && may("revoke"));
  return html`<${Panel} key="loaded" title=${t("collaboration.title", { solution: catalogue.name(row.solution), customer: row.customerName })} close=${close}>
    <${Notice}>${said}<//>
    <p class="tags"><${Tag} tone=${STATUS_TONE[row.status]}>${t(`status.${row.status}`)}<//>
      ${row.obstacle && html` <${Tag} tone="bad">${t(`obstacle.${row.obstacle}`)}<//>`}</p>
    ${row.obstacle && html`<div class="notice"><p>${t(`obstacle.${row.obstacle}.text`)}</p></div>`}
    <${Facts} rows=${[
      [t("customer"), html`<a href=${href(["customers", row.customerId])}>${row.customerName}</a>`],
      [t("column.sent"), `${moment(row.sentAt)} · ${row.sentBy.name}`],
      [t("expires"), moment(row.expiresAt)],
      [t("message"), row.message],
      [t("situation"), t(`scenario.${row.scenario}`)],
      ...setUpRows(row, catalogue, names),
      [t("reminders"), t("reminders.of", { count: row.reminders, most: MOST_REMINDERS })],
      [t("reminders.next"), row.nextReminderAt ? moment(row.nextReminderAt) : null],
    ]} />
    ${row.decision && html`<div class="notice"><p><strong>${t(`decision.${row.decision.decision}${row.erasedAt ? ".erased" : ""}`, { name: row.decision.by, date: moment(row.decision.at) })}</strong></p>
      ${row.decision.message && html`<blockquote>${row.decision.message}</blockquote>`}
      ${row.collaborationId && html`<p><a href=${href(["collaborations"], { open: row.collaborationId })}>${t("tile.open")}</a></p>`}</div>`}
    <h3>${t("recipients.title")}</h3>
    ${row.erasedAt && html`<p class="hint">${t("recipients.erased", { date: moment(row.erasedAt) })}</p>`}
    <ul class="people">${row.recipients.map((person) => html`<li>
      <strong>${person.email}</strong><${Tag} tone=${DELIVERY_TONE[person.delivery]}>${t(`delivery.${person.delivery}`)}<//>
      ${person.reportedAt && html`<${Tag} tone="bad">${t("recipient.reported")}<//>`}
      <small>${person.fetchedAt ? t(person.fetches > 1 ? "opened.often" : "opened.at", { date: moment(person.fetchedAt), count: person.fetches }) : t("opened.not")}</small>
    </li>`)}</ul>
    ${row.status === "pending" && row.recipients.some((person) => person.fetchedAt) && html`<p class="hint">${t("opened.unanswered")}</p>`}
    <${Fault} problem=${step.problem} />
    ${row.actions.length > 0 && !asking && html`<div class="actions">
      ${offers("remind") && html`<${Button} kind="primary" busy=${step.busy} disabled=${Boolean(blocked)} aria-describedby="rest" onClick=${() => step.run("remind")}>${t("do.remind")}<//>`}
      ${offers("resend") && html`<${Button} busy=${step.busy} disabled=${Boolean(blocked)} aria-describedby="rest" onClick=${() => step.run("resend")}>${t("do.resend")}<//>`}
      ${may("revoke") && html`<button type="button" class="danger" onClick=${() => setAsking(true)}>${t("do.revoke")}</button>`}
    </div>
    <p class="hint" id="rest">${used && row.status === "pending" ? t("remind.none-left") : rest && row.status === "pending" ? t("remind.until", { date: moment(rest.toISOString()) }) : t("resend.means")}</p>`}
    ${asking && html`<div class="warning" role="alert"><p>${t("revoke.sure", { customer: row.customerName, solution: catalogue.name(row.solution) })}</p>
      <div class="actions"><${Button} kind="danger" busy=${step.busy} onClick=${() => step.run("revoke")}>${t("do.revoke")}<//>
      <button type="button" class="quiet" onClick=${() => setAsking(false)}>${t("cancel")}</button></div></div>`}
    <${Disclosure} title=${t("timeline.title")}>${() => html`<${Timeline} key=${turn} path=${`invitations/${id}/history`} ...${{ catalogue, names, solution: row.solution }} />`}<//>
  <//>`;
}

/** Until when no further reminder may go: a day after the latest one. A mail sent anew after a bounce is none. */
function restUntil(row, history) {
  if (row.status !== "pending") return null;
  const latest = (history ?? []).find(
    ({ kind, by }) => kind === "invitation-reminded" || (kind === "invitation-resent" && by.side !== "system"),
  );
  const until = latest ? new Date(Date.parse(latest.at) + DAY) : null;
  return until && row.reminders > 0 && until > new Date() ? until : null;
}

