// Many customers at once: the same solution, one set-up, each judged on its own before anything is sent.

import { html, useRef, useState } from "./preact.js";
import { call, get, newKey, slugOf, useAction, useList, withQuery } from "./api.js";
import { dropDrafts, useDraft } from "./drafts.js";
import { named, t, tn } from "./language.js";
import { useSettled } from "./picker.js";
import { href } from "./route.js";
import { SetUp } from "./set-up.js";
import { Area, Button, Check, Empty, Fault, Input, More, Notice, Select, Skeleton, Tag } from "./ui.js";
import { taskOptions } from "./words.js";

const MOST = 50;
const AT_ONCE = 4;
const FORM = "batch";

/** Run over all items, a few at a time, in order of what comes back. */
async function each(items, does) {
  const left = [...items];
  const worker = async () => {
    while (left.length) await does(left.shift());
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

export function Batch({ me, catalogue }) {
  const [solution, setSolution] = useDraft(FORM, "solution", "");
  const [setup, setSetup] = useDraft(FORM, "setup", {});
  const [message, setMessage] = useDraft(FORM, "message", "");
  const [picked, setPicked] = useDraft(FORM, "customers", []);
  const chosen = new Map(picked.map((customer) => [customer.id, customer]));
  const [rows, setRows] = useState(null);
  const keys = useRef(new Map());
  const names = { office: me.office?.name, customer: t("side.customer") };
  const options = catalogue.all.filter((one) => one.kind !== "office-tool").map((one) => [one.key, named(one.name)]);
  const given = Object.fromEntries(Object.entries(setup).filter(([, value]) => value !== ""));

  /** Look at every customer: its task, its situation, what is in the way. */
  const check = useAction(async () => {
    const found = new Map([...chosen.values()].map((customer) => [customer.id, { customer, state: "waiting" }]));
    setRows(new Map(found));
    await each([...chosen.values()], async (customer) => {
      found.set(customer.id, await look(customer, solution, given));
      setRows(new Map(found));
    });
  });
  const ready = rows ? [...rows.values()].filter((row) => row.state === "ready") : [];

  const send = useAction(async () => {
    const bodies = ready.map((row) => ({ ...row.body, ...(message.trim() ? { message: message.trim() } : {}), key: keyOf(keys.current, row.body, message) }));
    const { data } = await call("POST", "invitations/batch", { body: { rows: bodies } });
    const after = new Map(rows);
    data.rows.forEach((answer, place) => {
      const row = ready[place];
      after.set(row.customer.id, { ...row, state: answer.status, invitation: answer.invitation, problems: answer.problem ? [answer.problem] : [] });
    });
    setRows(after);
    dropDrafts(FORM);
  });
  const sent = rows ? [...rows.values()].filter((row) => ["created", "replayed"].includes(row.state)).length : 0;
  const reset = () => setRows(null);
  const toggle = (customer, on) => {
    const others = picked.filter((other) => other.id !== customer.id);
    setPicked(on ? [...others, { id: customer.id, name: customer.name }] : others);
    reset();
  };

  return html`<div class="list">
    <p class="crumb"><a href=${href(["requests"])}>${t("nav.requests")}</a></p>
    <h1>${t("batch.title")}</h1>
    <p class="lead">${t("batch.lead", { most: MOST })}</p>
    <form class="form" aria-label=${t("batch.title")} onSubmit=${(event) => event.preventDefault()}>
      <${Select} label=${t("solution")} none=${t("choose")} value=${solution} options=${options}
        onValue=${(value) => { setSolution(value); setSetup({}); reset(); }} />
      ${solution && html`<${SetUp} solution=${solution} values=${setup} ...${{ catalogue, names }}
        onValue=${(field, value) => { setSetup({ ...setup, [field]: value }); reset(); }} />`}
      <${Chooser} ...${{ chosen, toggle }} />
      <${Area} label=${t("proposal.message")} hint=${t("proposal.message.hint")} maxlength="2000" value=${message} onValue=${setMessage} />
      <${Fault} problem=${check.problem ?? send.problem} />
      ${rows && html`<${Results} rows=${rows} />`}
      <div class="actions">
        ${ready.length === 0 && html`<${Button} kind="primary" busy=${check.busy} disabled=${!solution || chosen.size === 0 || sent > 0} onClick=${check.run}>
          ${t("batch.check", { count: chosen.size })}<//>`}
        ${ready.length > 0 && html`<${Button} kind="primary" busy=${send.busy || check.busy} onClick=${send.run}>${tn("batch.send", ready.length)}<//>`}
      </div>
      <${Notice}>${sent > 0 && tn("batch.sent", sent)}<//>
    </form>
  </div>`;
}

/** The same row asked again has the same key: sending twice sends nothing twice. */
function keyOf(keys, body, message) {
  const text = JSON.stringify([body, message]);
  if (!keys.has(text)) keys.set(text, newKey());
  return keys.get(text);
}

async function look(customer, solution, given) {
  try {
    const { data } = await get(`customers/${customer.id}`);
    const [task] = taskOptions(data.tasks);
    const ask = { customerId: customer.id, solution, ...(task ? { taskId: task[0] } : {}), ...given };
    let { data: preview } = await call("POST", "collaborations/preview", { body: ask });
    let body = ask;
    if (preview.scenario === "has-solution") {
      // Such a company keeps its own terms, so the set-up above is not sent for it.
      body = { customerId: customer.id, solution, ...(task ? { taskId: task[0] } : {}) };
      ({ data: preview } = await call("POST", "collaborations/preview", { body }));
    }
    const fits = preview.door === "invite" && preview.problems.length === 0 && preview.missing.length === 0;
    return {
      customer, task: task?.[1], preview, problems: preview.problems, state: fits ? "ready" : "not-ready",
      body: { ...body, scenario: preview.scenario, termsVersion: preview.terms.version },
    };
  } catch (problem) {
    return { customer, state: "not-ready", problems: [{ type: problem.slug, title: problem.title || t("fault.unreachable"), detail: problem.detail }] };
  }
}

function Chooser({ chosen, toggle }) {
  const [text, setText] = useState("");
  const wanted = useSettled(text.trim());
  const list = useList(withQuery("customers", { limit: 50, query: wanted }));
  return html`<fieldset class="choice chooser">
    <legend>${t("batch.customers", { count: chosen.size, most: MOST })}</legend>
    <${Input} label=${t("customers.find")} type="search" value=${text} onValue=${setText} />
    <${Fault} problem=${list.problem} retry=${list.reload} />
    <div class="scroll">
      ${list.items.filter((row) => row.active).map((row) => html`<${Check} key=${row.id} checked=${chosen.has(row.id)}
        disabled=${chosen.size >= MOST && !chosen.has(row.id)} onValue=${(on) => toggle(row, on)}>${row.name}<//>`)}
      ${list.loading && html`<${Skeleton} rows=${4} />`}
      ${!list.loading && list.items.length === 0 && html`<${Empty} title=${t("picker.none")} />`}
      <${More} list=${list} />
    </div>
  </fieldset>`;
}

const TONE = { ready: "good", created: "good", replayed: "good", refused: "bad", "not-ready": "warn" };

function Results({ rows }) {
  return html`<table class="rows" aria-label=${t("batch.results")}>
    <thead><tr><th scope="col">${t("customer")}</th><th scope="col">${t("situation")}</th><th scope="col">${t("column.state")}</th></tr></thead>
    <tbody>${[...rows.values()].map((row) => html`<tr key=${row.customer.id}>
      <th scope="row" data-label=${t("customer")}><a href=${href(["customers", row.customer.id])}>${row.customer.name}</a>${row.task && html`<small>${row.task}</small>`}</th>
      <td data-label=${t("situation")}>${row.preview ? t(`scenario.${row.preview.scenario}`) : "–"}</td>
      <td data-label=${t("column.state")}>
        <${Tag} tone=${TONE[row.state]}>${t(`batch.${row.state}`)}<//>
        ${row.invitation && html` <a href=${href(["requests"], { open: row.invitation.id })}>${t("tile.request")}</a>`}
        ${(row.problems ?? []).map((problem) => html`<small>${problem.title}${slugOf(problem) === "validation-failed" ? `: ${(problem.errors ?? []).map((error) => error.detail).join(" ")}` : ""}</small>`)}
        ${row.state === "not-ready" && !row.problems?.length && row.preview?.door === "activate" && html`<small>${t("batch.activate")}</small>`}
      </td>
    </tr>`)}</tbody>
  </table>`;
}
