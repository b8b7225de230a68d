// One collaboration, opened beside the list: what is agreed, who may open it and why, what happened, what can be done.

import { html, useState } from "./preact.js";
import { call, get, useAction, useLoad } from "./api.js";
import { Access } from "./access.js";
import { Edit } from "./edit.js";
import { End, Remaining } from "./end.js";
import { day, moment, t } from "./language.js";
import { Link } from "./link.js";
import { href } from "./route.js";
import { Timeline } from "./timeline.js";
import { Button, Disclosure, Facts, Fault, Notice, Panel, Skeleton, Tag } from "./ui.js";
import { DELIVERY_TONE, flags, organisationNumber, setUpRows } from "./words.js";

export function Collaboration({ id, close, onChanged, me, catalogue, employees }) {
  const loaded = useLoad(() => get(`collaborations/${id}`), [id]);
  const [doing, setDoing] = useState(null);
  const [said, setSaid] = useState(null);
  const [remaining, setRemaining] = useState(null);
  const [turn, setTurn] = useState(0);
  // What a link was before it was made or moved, as long as that can be undone with one click.
  const [undoing, setUndoing] = useState(null);
  const row = loaded.data;
  const title = row
    ? t("collaboration.title", { solution: catalogue.name(row.solution), customer: row.customerName ?? row.accountName ?? organisationNumber(row.organisationNumber) })
    : t("loading");

  /** Take an answer over: everything beside it is asked anew. */
  const changed = ({ data, etag }, words) => {
    loaded.set(data, etag);
    onChanged(data);
    setSaid(words);
    setUndoing(null);
    setDoing(null);
    setTurn((before) => before + 1);
  };
  const ended = ({ data, etag }) => {
    const after = data.collaboration;
    changed({ data: after, etag }, after.state === "ended" ? t("end.done") : t("end.arranged", { date: day(after.endsOn) }));
    setRemaining(data.remaining);
  };
  const unlink = useAction(async () => {
    changed(await call("DELETE", `collaborations/${id}/link`, { match: loaded.etag }), t("link.undone"));
  });
  /** What was linked is unlinked; what was moved goes back. */
  const undo = useAction(async () => {
    if (!undoing.linked) return unlink.run();
    const body = { customerId: undoing.customerId, taskId: undoing.setup.taskId, solution: undoing.solution };
    return changed(await call("PUT", `collaborations/${id}/link`, { body, match: loaded.etag }), t("link.moved-back"));
  });
  const linked = (answer) => {
    changed(answer, t(row.linked ? "link.moved" : "link.done"));
    setUndoing(row);
  };
  const keep = useAction(async () => {
    changed(await call("DELETE", `collaborations/${id}/scheduled-end`, { match: loaded.etag }), t("end.cancelled"));
  });
  const resend = useAction(async () => {
    changed(await call("POST", `collaborations/${id}/resend-login`), t("login.sent"));
  });

  const parts = { row, etag: loaded.etag, me, catalogue, employees, onCancel: () => setDoing(null) };
  const names = row && { office: me.office?.name, customer: row.customerName ?? row.accountName };
  const own = row?.arrangedEnds?.find((end) => end.side === "office");
  return html`<${Panel} title=${title} close=${close} turn=${turn} key=${row ? "loaded" : "loading"}>
    <${Fault} problem=${loaded.problem} retry=${loaded.reload} />
    ${!row && !loaded.problem && html`<${Skeleton} rows=${6} />`}
    ${row && html`
      <${Notice}>${said && html`${said} ${undoing && html`<${Button} kind="link" busy=${undo.busy || unlink.busy} onClick=${undo.run}>${t("undo")}<//>`}`}<//>
      ${remaining && html`<${Remaining} rows=${remaining} catalogue=${catalogue} link=${(other) => href(["collaborations"], { open: other.id })} />`}
      <${Summary} ...${{ row, catalogue, names }} />
      ${row.endProblem && html`<div class="fault"><p><strong>${row.endProblem.title}</strong></p><p>${row.endProblem.detail}</p></div>`}
      <${Fault} problem=${undo.problem ?? unlink.problem ?? keep.problem ?? resend.problem} />
      ${doing === null && row.actions.length > 0 && html`<div class="actions">
        ${row.actions.includes("edit") && row.linked && html`<button type="button" onClick=${() => setDoing("edit")}>${t("do.edit")}</button>`}
        ${row.actions.includes("link") && html`<button type="button" class=${row.linked ? "" : "primary"} onClick=${() => setDoing("link")}>
          ${t(row.linked ? "do.move-link" : "do.link")}</button>`}
        ${row.actions.includes("unlink") && html`<${Button} busy=${unlink.busy} onClick=${unlink.run}>${t("do.unlink")}<//>`}
        ${row.actions.includes("cancel-end") && html`<${Button} busy=${keep.busy} onClick=${keep.run}>${t("do.cancel-end")}<//>`}
        ${row.actions.includes("end") && html`<button type="button" class="danger" onClick=${() => setDoing("end")}>${t(own ? "do.move-end" : "do.end")}</button>`}
      </div>`}
      ${doing === "edit" && html`<${Edit} ...${parts} onDone=${(answer) => changed(answer, t("edit.done"))} />`}
      ${doing === "link" && html`<${Link} ...${parts} onDone=${linked} />`}
      ${doing === "end" && html`<${End} ...${parts} own=${own} root="collaborations" onDone=${ended} />`}
      <${Disclosure} title=${t("access.title")} open=${true}>${() => html`<${Access} turn=${turn} path=${`collaborations/${id}/access`} />`}<//>
      <${Mails} ...${{ row, resend }} />
      <${Disclosure} title=${t("timeline.title")}>${() => html`<${Timeline} key=${turn} path=${`collaborations/${id}/history`} ...${{ catalogue, names, solution: row.solution }} />`}<//>
    `}
  <//>`;
}

function Summary({ row, catalogue, names }) {
  const customer = row.customerId
    ? html`<a href=${href(["customers", row.customerId])}>${row.customerName}</a>`
    : row.accountName ?? t("unknown");
  const ends = (row.arrangedEnds ?? []).map((end) =>
    t("arranged", { side: t(`side.${end.side}`), date: day(end.on), outcome: t(`outcome.${end.outcome}`) }));
  return html`
    <p class="tags">
      <${Tag} tone=${row.state === "active" ? "good" : ""}>${t(`state.${row.state}`)}<//>
      ${flags(row).map(([tone, words]) => html`<${Tag} tone=${tone}>${words}<//>`)}
    </p>
    <${Facts} rows=${[
      [t("customer"), customer],
      [t("organisation-number"), organisationNumber(row.organisationNumber)],
      [t("task"), row.task ? `${row.task.name} (${row.task.owner?.name ?? ""})` : row.linked ? row.setup?.taskId : t("flag.unlinked")],
      [t("reference"), row.reference],
      ...setUpRows(row, catalogue, names),
      [t("customer-owned"), row.customerOwned ? t("yes") : null],
      [t("started"), `${moment(row.startedAt)} · ${t(`origin.${row.origin}`)}`],
      [t("renews"), row.state === "active" ? day(row.renewsOn) : null],
      [t("ends"), row.state === "active" ? ends.join("; ") || day(row.endsOn) : null],
      [t("ended"), row.endedAt ? `${moment(row.endedAt)}${row.endedBy?.name ? ` · ${row.endedBy.name}` : ""}` : null],
      [t("outcome"), row.outcome ? t(`outcome.${row.outcome}`) : null],
      [t("to-do"), row.toDo.length ? row.toDo.map((key) => t(`to-do.${key}`, { fallback: key })).join("; ") : null],
    ]} />`;
}

function Mails({ row, resend }) {
  if (!row.mails?.length) return null;
  return html`<${Disclosure} title=${t("mails.title")}>${() => html`
    <ul class="plain">
      ${row.mails.map((mail) => html`<li>
        ${t(`mail.${mail.kind}`, { fallback: mail.kind })}: ${mail.to} <${Tag} tone=${DELIVERY_TONE[mail.delivery]}>${t(`delivery.${mail.delivery}`)}<//>
      </li>`)}
    </ul>
    ${row.state === "active" && row.origin === "activation" && row.mails.some((mail) => mail.kind === "login-instructions") &&
    html`<${Button} busy=${resend.busy} onClick=${resend.run}>${t("do.resend-login")}<//>`}
  `}<//>`;
}
