// Linking what the older program knew, or moving a link: suggestions one click each.

import { html, useState } from "./preact.js";
import { call, everyItem, get, useAction, useLoad } from "./api.js";
import { t } from "./language.js";
import { Button, Choice, Empty, Fault, FormTitle, Select, Skeleton } from "./ui.js";
import { solutionOptions } from "./words.js";

const STALE = 412;

export function Link({ row, etag, catalogue, onDone, onCancel }) {
  const suggestions = useLoad(async () => ({ data: await everyItem(`collaborations/${row.id}/link-suggestions?limit=100`) }), []);
  const [solution, setSolution] = useState(row.solution ?? "");
  const [accounts, setAccounts] = useState(null);
  const [wanted, setWanted] = useState(null);
  const [accountId, setAccountId] = useState(null);

  const link = useAction(async (task) => {
    setWanted(task);
    const body = { customerId: task.customerId, taskId: task.taskId, solution, ...(accountId ? { accountId } : {}) };
    const put = (match) => call("PUT", `collaborations/${row.id}/link`, { body, match });
    try {
      onDone(await put(etag));
    } catch (problem) {
      if (problem.slug === "account-ambiguous") setAccounts(problem.document.accounts ?? []);
      if (problem.status === STALE) throw Object.assign(problem, { detail: t("link.stale") });
      throw problem;
    }
  });
  const again = useAction(async () => onDone(await retry()));
  const retry = async () => {
    const now = await get(`collaborations/${row.id}`);
    const body = { customerId: wanted.customerId, taskId: wanted.taskId, solution, ...(accountId ? { accountId } : {}) };
    return call("PUT", `collaborations/${row.id}/link`, { body, match: now.etag });
  };
  const present = row.setup?.taskId;

  return html`<section class="form" aria-label=${t("do.link")}>
    <${FormTitle}>${t("link.title")}<//>
    ${!row.solution && html`<${Select} label=${t("link.solution")} hint=${t("link.solution.hint")} none=${t("choose")} value=${solution}
      options=${solutionOptions(catalogue)} onValue=${setSolution} />`}
    <${Fault} problem=${suggestions.problem} retry=${suggestions.reload} />
    ${suggestions.loading && html`<${Skeleton} rows=${3} />`}
    ${suggestions.data?.length === 0 && html`<${Empty} title=${t("link.none")} text=${t("link.none.text")} />`}
    <ul class="plain suggestions">
      ${(suggestions.data ?? []).map((task) => html`<li>
        <div>
          <strong>${task.customerName}</strong> · ${task.taskName}
          <small>${task.why.join(" ")}</small>
        </div>
        ${row.linked && task.taskId === present && task.customerId === row.customerId
          ? html`<span class="hint">${t("link.here")}</span>`
          : html`<${Button} kind="primary" busy=${link.busy} disabled=${!solution} aria-label=${t("link.to", { task: task.taskName, customer: task.customerName })}
              onClick=${() => link.run(task)}>${t("do.link")}<//>`}
      </li>`)}
    </ul>
    ${accounts && html`<${Choice} label=${t("account.which")} value=${accountId} onValue=${setAccountId}
      options=${accounts.map((account) => [account.id, account.name, account.id])} />`}
    <${Fault} problem=${link.problem ?? again.problem}>
      ${wanted && link.problem && (link.problem.status === STALE || accountId) &&
      html`<${Button} busy=${again.busy} onClick=${again.run}>${t("link.again")}<//>`}
    <//>
    <div class="actions"><button type="button" class="quiet" onClick=${onCancel}>${t("cancel")}</button></div>
  </section>`;
}
