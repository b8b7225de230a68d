// From a solution to an invitation or an activation: the task and the set-up, what would happen, and one button.

import { html, useEffect, useRef, useState } from "./preact.js";
import { People } from "./access.js";
import { call, newKey, slugOf, useAction, useLoad } from "./api.js";
import { dropDrafts, useDraft } from "./drafts.js";
import { t } from "./language.js";
import { useSettled } from "./picker.js";
import { href } from "./route.js";
import { SetUp } from "./set-up.js";
import { Area, Button, Choice, Empty, Fault, Notice, Select, Skeleton } from "./ui.js";
import { taskOptions } from "./words.js";

const ROUTES = { invite: "invitations", activate: "activations" };
// What the fields beside say already: missing values are asked for there, in a calm voice.
const SAID_BY_FIELDS = ["validation-failed", "account-ambiguous"];

export function Proposal({ customer, solution, me, catalogue, onDone }) {
  const options = taskOptions(customer.tasks);
  const form = `proposal ${customer.id} ${solution}`;
  const [taskId, setTaskId] = useDraft(form, "task", options.length === 1 ? options[0][0] : "");
  const [setup, setSetup] = useDraft(form, "setup", {});
  const [accountId, setAccountId] = useDraft(form, "account", "");
  const [accounts, setAccounts] = useDraft(form, "accounts", []);
  const [message, setMessage] = useDraft(form, "message", "");
  const [result, setResult] = useState(null);
  const [changed, setChanged] = useState(null);
  // The fields that are asked of a company that has the solution already: what its terms lack. Null: all of them.
  const [lacking, setLacking] = useState(null);
  const names = { office: me.office?.name, customer: customer.name };

  const isAsked = (field) => lacking === null || lacking.includes(field);
  const given = Object.fromEntries(Object.entries(setup).filter(([field, value]) => value !== "" && isAsked(field)));
  const asked = { customerId: customer.id, solution, ...(taskId ? { taskId } : {}), ...(accountId ? { accountId } : {}), ...given };
  const wanted = useSettled(JSON.stringify(asked), 200);
  const loaded = useLoad(() => call("POST", "collaborations/preview", { body: JSON.parse(wanted) }), [wanted]);
  useEffect(() => setChanged(null), [wanted]);
  const preview = changed ?? loaded.data;
  const fields = (catalogue.get(solution)?.setup ?? []).map(({ field }) => field);
  useEffect(() => {
    if (!preview) return;
    const inherits = preview.scenario === "has-solution";
    setLacking((before) => (inherits ? fields.filter((field) => before?.includes(field) || preview.missing.includes(field)) : null));
    const found = preview.problems.find((problem) => slugOf(problem) === "account-ambiguous")?.accounts;
    if (found) setAccounts(found);
  }, [preview]);
  const settled = wanted === JSON.stringify(asked) && !loaded.loading;

  // The same key as long as the same is asked: what is sent twice happens once.
  const key = useRef({});
  const send = useAction(async () => {
    const body = { ...asked, scenario: preview.scenario, termsVersion: preview.terms.version };
    if (preview.door === "invite" && message.trim()) body.message = message.trim();
    const text = JSON.stringify(body) + preview.door;
    if (key.current.text !== text) key.current = { text, key: newKey() };
    try {
      const { data } = await call("POST", ROUTES[preview.door], { body, key: key.current.key });
      dropDrafts(form);
      setResult({ door: preview.door, data });
      onDone();
    } catch (problem) {
      if (problem.document?.preview) setChanged(problem.document.preview);
      else if (["situation-changed", "terms-outdated"].includes(problem.slug)) loaded.reload();
      throw problem;
    }
  });

  if (result) return html`<${Sent} ...${{ result, solution: catalogue.name(solution), customer }} />`;
  if (options.length === 0) return html`<${Empty} title=${t("tasks.none")} text=${t("tasks.none.text")} />`;
  const problems = (preview?.problems ?? []).filter((problem) => !SAID_BY_FIELDS.includes(slugOf(problem)));
  const missing = new Set(preview?.missing ?? []);
  const wrong = (preview?.problems ?? []).filter((problem) => slugOf(problem) === "validation-failed").flatMap((problem) => problem.errors ?? []);
  const faults = Object.fromEntries(
    wrong.filter((error) => error.code !== "missing").map((error) => [error.pointer.split("/").pop(), error.detail]),
  );
  const shown = [...fields.filter(isAsked), ...(accounts.length > 0 ? ["accountId"] : [])];
  const unsaid = wrong.filter((error) => error.code !== "missing" && !shown.includes(error.pointer.split("/").pop()));
  const blocked = !preview?.door || preview.problems.length > 0 || missing.size > 0;

  return html`<form class="form bare" aria-label=${t("proposal.form")} onSubmit=${(event) => event.preventDefault()}>
    <${Select} label=${t("task")} none=${options.length === 1 ? undefined : t("choose")} value=${taskId} options=${options} onValue=${setTaskId} />
    <${SetUp} solution=${solution} values=${setup} ...${{ catalogue, names, faults }} skip=${fields.filter((field) => !isAsked(field))}
      onValue=${(field, value) => setSetup({ ...setup, [field]: value })} />
    ${accounts.length > 0 && html`<${Choice} label=${t("account.which")} value=${accountId} onValue=${setAccountId}
      options=${accounts.map((account) => [account.id, account.name, account.id])} />`}
    ${faults.accountId && html`<p class="field-fault" role="alert">${faults.accountId}</p>`}
    <${Fault} problem=${loaded.problem} retry=${loaded.reload} />
    ${!preview && !loaded.problem && html`<${Skeleton} rows=${6} />`}
    ${unsaid.length > 0 && html`<div class="fault"><ul>${unsaid.map((error) => html`<li>${error.detail}</li>`)}</ul></div>`}
    ${preview && html`<${Preview} ...${{ preview, problems, catalogue, solution }} waits=${!settled} />`}
    ${preview?.door === "invite" && html`<${Area} label=${t("proposal.message")} hint=${t("proposal.message.hint")} maxlength="2000" value=${message} onValue=${setMessage} />`}
    <${Fault} problem=${send.problem} />
    <div class="actions">
      <${Button} kind="primary" type="submit" busy=${send.busy} disabled=${blocked || !settled} onClick=${() => !blocked && settled && send.run()}>
        ${t(`proposal.do.${preview?.door ?? "none"}`, { customer: customer.name })}<//>
      ${missing.size > 0 && html`<span class="hint">${t("proposal.missing", { fields: [...missing].map((field) => t(`setup.${field}`, { fallback: t("task") })).join(", ") })}</span>`}
    </div>
  </form>`;
}

function Preview({ preview, problems, waits }) {
  return html`<div class="preview" aria-live="polite" aria-busy=${waits ? "true" : "false"}>
    <p class="situation"><strong>${t(`scenario.${preview.scenario}`)}</strong></p>
    ${problems.map((problem) => html`<div class="fault"><p><strong>${problem.title}</strong></p><p>${problem.detail}</p>
      ${problem.errors && html`<ul>${problem.errors.map((error) => html`<li>${error.detail}</li>`)}</ul>`}</div>`)}
    ${preview.warnings.map((warning) => html`<div class="warning"><p>${warning.detail}</p></div>`)}
    ${preview.effects.length > 0 && html`<h3>${t("preview.effects")}</h3>
      <ul>${preview.effects.map((effect) => html`<li>${effect.text}</li>`)}</ul>`}
    ${preview.mails.length > 0 && html`<h3>${t("preview.mails")}</h3>
      <ul>${preview.mails.map((mail) => html`<li>${mail.to}: ${t(`mail.${mail.kind}`, { fallback: mail.kind })}</li>`)}</ul>`}
    ${preview.access.length > 0 && html`<h3>${t("preview.access")}</h3><${People} rows=${preview.access} />`}
    ${preview.terms.text.length > 0 && html`<h3>${t("preview.terms")}</h3>
      <ul>${preview.terms.text.map((line) => html`<li>${line}</li>`)}</ul>
      <p class="hint">${t("preview.terms.agree", { version: preview.terms.version })}</p>`}
  </div>`;
}

function Sent({ result, solution, customer }) {
  const invited = result.door === "invite";
  const target = invited ? href(["requests"], { open: result.data.id }) : href(["collaborations"], { open: result.data.id });
  return html`<${Notice}><p><strong>${t(invited ? "proposal.invited" : "proposal.activated", { solution, customer: customer.name })}</strong></p>
    <p>${t(invited ? "proposal.invited.next" : "proposal.activated.next")}</p>
    <p><a class="button" href=${target}>${t(invited ? "tile.request" : "tile.open")}</a></p><//>`;
}
