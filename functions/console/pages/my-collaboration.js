// One collaboration as the company sees it: who has access and why, what it costs whom, history, and the end of it.

import { html, useState } from "./preact.js";
import { Access } from "./access.js";
import { call, useAction } from "./api.js";
import { End, Remaining } from "./end.js";
import { day, dayOf, t } from "./language.js";
import { Timeline } from "./timeline.js";
import { Button, Disclosure, Facts, Fault, Notice, Tag } from "./ui.js";
import { payer, setUpRows } from "./words.js";

export function MyCollaboration({ row, catalogue, onChanged, open }) {
  const [ending, setEnding] = useState(false);
  const [said, setSaid] = useState("");
  const [remaining, setRemaining] = useState(null);
  const [turn, setTurn] = useState(0);
  const names = { office: row.officeName, customer: row.accountName };
  const solution = catalogue.name(row.solution);
  const etag = `"${row.revision}"`;
  const pays = payer(row, names);
  const changed = (data, words) => {
    setSaid(words);
    setEnding(false);
    setTurn((before) => before + 1);
    onChanged(data);
  };
  const keep = useAction(async () => {
    const { data } = await call("DELETE", `my/collaborations/${row.id}/scheduled-end`, { match: etag });
    changed(data, t("end.cancelled"));
  });
  const done = ({ data }) => {
    const after = data.collaboration;
    setRemaining(data.remaining);
    changed(after, after.state === "ended" ? t("end.done") : t("end.arranged", { date: day(after.endsOn) }));
  };
  const own = row.arrangedEnds?.find((end) => end.side === "customer");
  const title = t("my.collaboration.title", { solution, office: row.officeName });
  const ends = (row.arrangedEnds ?? []).map((end) =>
    t("arranged", { side: t(`side.${end.side}`), date: day(end.on), outcome: t(`outcome.${end.outcome}`) }));
  return html`<article class="card" aria-label=${title}>
    <h3>${title}</h3>
    <${Notice}>${said}<//>
    ${remaining && html`<${Remaining} rows=${remaining} catalogue=${catalogue} />`}
    <p class="tags"><${Tag} tone=${row.state === "active" ? "good" : ""}>${t(`state.${row.state}`)}<//>
      ${row.state === "active" && row.endsOn && html`<${Tag} tone="warn">${t("ends-on", { date: day(row.endsOn) })}<//>`}</p>
    <${Facts} rows=${[
      [t("pays"), pays.coming ? t("setup.then", { now: pays.now, coming: pays.coming, date: day(row.renewsOn) }) : pays.now || (row.linked ? t("my.costs-nothing") : null)],
      ...setUpRows(row, catalogue, names).filter(([label]) => !label.startsWith(t("pays"))),
      [t("since.label"), dayOf(row.startedAt)],
      [t("renews"), row.state === "active" ? day(row.renewsOn) : null],
      [t("ends"), row.state === "active" ? ends.join("; ") : null],
      [t("ended"), dayOf(row.endedAt)],
      [t("outcome"), row.outcome ? t(`outcome.${row.outcome}`) : null],
    ]} />
    <${Fault} problem=${keep.problem} />
    ${!ending && row.actions.length > 0 && html`<div class="actions">
      ${row.actions.includes("cancel-end") && html`<${Button} busy=${keep.busy} onClick=${keep.run}>${t("do.cancel-end")}<//>`}
      ${row.actions.includes("end") && html`<button type="button" class="danger" onClick=${() => setEnding(true)}>${t(own ? "do.move-end" : "do.end")}</button>`}
    </div>`}
    ${ending && html`<${End} ...${{ row, etag, me: {}, catalogue, own }} root="my/collaborations" onDone=${done} onCancel=${() => setEnding(false)} />`}
    <${Disclosure} title=${t("access.title")} open=${open}>${() => html`<${Access} turn=${turn} path=${`my/collaborations/${row.id}/access`} />`}<//>
    <${Disclosure} title=${t("timeline.title")}>${() => html`<${Timeline} key=${turn} path=${`my/collaborations/${row.id}/history`} ...${{ catalogue, names, solution: row.solution }} />`}<//>
  </article>`;
}
