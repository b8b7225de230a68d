// Changing what is agreed: the task by everybody, the set-up by who may decide. Nothing of another's is overwritten unseen.

import { html, useState } from "./preact.js";
import { call, get, useAction, useLoad } from "./api.js";
import { dropDrafts, useDraft } from "./drafts.js";
import { t } from "./language.js";
import { SetUp, faultsByField } from "./set-up.js";
import { Button, Check, Choice, Fault, FormTitle, Select } from "./ui.js";
import { SET_UP, setUpValue, taskOptions } from "./words.js";

const STALE = 412;

const valuesOf = (row) => ({ taskId: row.setup?.taskId ?? "", ...(row.nextSetup ?? row.setup) });

export function Edit({ row, etag, me, catalogue, onDone, onCancel }) {
  const [seen, setSeen] = useState({ row, etag });
  const form = `edit ${row.id}`;
  const [mine, setMine] = useDraft(form, "mine", {});
  const [done, setDone] = useDraft(form, "done", []);
  const [conflict, setConflict] = useState(null);
  const [lost, setLost] = useState(null);
  const customer = useLoad(() => (row.customerId ? get(`customers/${row.customerId}`) : Promise.resolve({ data: null })), []);
  const names = { office: me.office?.name, customer: row.customerName ?? row.accountName };
  const present = valuesOf(seen.row);
  const changes = Object.fromEntries(Object.entries(mine).filter(([field, value]) => value !== "" && value !== present[field]));
  const nothing = Object.keys(changes).length === 0 && done.length === 0;
  const words = (field, value) =>
    field === "taskId"
      ? customer.data?.tasks?.find((task) => task.id === value)?.name ?? value
      : setUpValue(field, value, row.solution, catalogue, names);

  const save = useAction(async (confirm) => {
    const body = { ...changes, ...(done.length ? { toDoDone: done } : {}), ...(confirm ? { confirm } : {}) };
    try {
      const answer = await call("PATCH", `collaborations/${row.id}`, { body, match: seen.etag });
      dropDrafts(form);
      onDone(answer);
    } catch (problem) {
      if (problem.slug === "confirmation-needed") setLost(problem.document.confirm ?? []);
      else if (problem.status === STALE) await compare();
      else throw problem;
    }
  });

  /** Somebody else was first: what they made of it beside what is wanted here. */
  const compare = async () => {
    const now = await get(`collaborations/${row.id}`);
    const theirs = valuesOf(now.data);
    setConflict(
      [...new Set(["taskId", ...SET_UP])]
        .filter((field) => theirs[field] !== present[field] || field in changes)
        .map((field) => ({ field, mine: changes[field], before: present[field], theirs: theirs[field] }))
        .filter((line) => line.mine !== undefined || line.theirs !== line.before),
    );
    setSeen({ row: now.data, etag: now.etag });
  };
  const change = (field, value) => {
    setMine({ ...mine, [field]: value });
    setLost(null);
  };
  const faults = faultsByField(save.problem);
  const mayChange = me.mayDecide && !row.customerOwned && catalogue.get(row.solution)?.setup.length > 0;
  const cancel = () => {
    dropDrafts(form);
    onCancel();
  };

  return html`<form class="form" aria-label=${t("do.edit")} onSubmit=${(event) => event.preventDefault()}>
    <${FormTitle}>${t("edit.title")}<//>
    <${Select} label=${t("task")} value=${mine.taskId ?? present.taskId} fault=${faults.taskId}
      options=${customer.data ? taskOptions(customer.data.tasks) : row.task ? [[row.task.id, row.task.name]] : []} onValue=${(value) => change("taskId", value)} />
    <${Fault} problem=${customer.problem} retry=${customer.reload} />
    ${mayChange && html`
      <${SetUp} solution=${row.solution} values=${{ ...present, ...mine }} onValue=${change} ...${{ catalogue, names, faults }} />
      <p class="hint">${t("edit.when")}</p>`}
    ${row.toDo.filter((key) => !key.endsWith("-missing")).map((key) => html`<${Check} checked=${done.includes(key)}
      onValue=${(on) => setDone(on ? [...done, key] : done.filter((other) => other !== key))}>
      ${t("edit.done-to-do", { what: t(`to-do.${key}`, { fallback: key }) })}<//>`)}
    ${conflict && html`<${Conflict} ...${{ conflict, words, mine, change }} />`}
    ${lost && html`<div class="warning" role="alert">
      <p><strong>${t("edit.lost")}</strong></p>
      <ul>${lost.map((key) => html`<li>${t(`lost.${key}`, { fallback: key })}</li>`)}</ul>
    </div>`}
    <${Fault} problem=${save.problem} />
    <div class="actions">
      ${lost
        ? html`<${Button} kind="danger" busy=${save.busy} onClick=${() => save.run(lost)}>${t("edit.lost.do")}<//>`
        : html`<${Button} kind="primary" type="submit" busy=${save.busy} disabled=${nothing} onClick=${() => save.run()}>
            ${t(conflict ? "edit.save-again" : "save")}<//>`}
      <button type="button" class="quiet" onClick=${cancel}>${t("cancel")}</button>
    </div>
  </form>`;
}

function Conflict({ conflict, words, mine, change }) {
  return html`<div class="warning" role="alert">
    <p><strong>${t("conflict.title")}</strong></p>
    <p>${t("conflict.text")}</p>
    ${conflict.map((line) =>
      line.mine === undefined
        ? html`<p>${t(`setup.${line.field}`, { fallback: t("task") })}: ${words(line.field, line.before)} → <strong>${words(line.field, line.theirs)}</strong></p>`
        : html`<${Choice} label=${t(`setup.${line.field}`, { fallback: t("task") })} value=${mine[line.field]}
            onValue=${(value) => change(line.field, value)}
            options=${[
              [line.mine, t("conflict.mine", { value: words(line.field, line.mine) })],
              [line.theirs, t("conflict.theirs", { value: words(line.field, line.theirs) })],
            ]} />`)}
  </div>`;
}
