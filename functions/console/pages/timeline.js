// What happened, when, and by whom.

import { html } from "./preact.js";
import { useList } from "./api.js";
import { moment, t } from "./language.js";
import { Empty, Fault, More, Skeleton } from "./ui.js";
import { setUpValue } from "./words.js";

export function Timeline({ path, catalogue, names, solution }) {
  const list = useList(`${path}?limit=25`);
  return html`
    <ol class="timeline">
      ${list.items.map((entry) => html`<li key=${entry.id}>
        <time datetime=${entry.at}>${moment(entry.at)}</time>
        <div>
          ${t(`history.${entry.kind}`, { fallback: entry.kind })}${entry.person && html`: <strong>${entry.kind === "end-failed" ? who(entry.person) : entry.person.name}</strong>`}
          <small>${who(entry.by)}</small>
          ${entry.changes && html`<ul>${entry.changes.map((change) => html`<li>${changeWords(change, { catalogue, names, solution })}${agreedLater(entry, change) && ` (${t("timeline.from-renewal")})`}</li>`)}</ul>`}
        </div>
      </li>`)}
    </ol>
    <${Fault} problem=${list.problem} retry=${list.reload} />
    ${list.loading && html`<${Skeleton} rows=${3} />`}
    ${!list.loading && !list.problem && list.items.length === 0 && html`<${Empty} title=${t("timeline.none")} />`}
    <${More} list=${list} />
  `;
}

const who = (by) => [by.name, t(`side.${by.side}`)].filter(Boolean).join(" · ");

// Rule of the service: an employee's change of the variant holds at once, of other terms from the renewal on, which has
// a line of its own.
const LATER = ["periodMonths", "invoiceRecipient", "sentInvoiceRecipient", "receivedInvoiceRecipient", "reportRecipient"];
const agreedLater = (entry, change) => entry.kind === "collaboration-changed" && LATER.includes(change.field);

function changeWords({ field, from, to }, { catalogue, names, solution }) {
  const say = (value) => (value === null || value === "" ? t("nothing") : setUpValue(field, value, solution, catalogue, names) || String(value));
  const known = field in { variant: 1, periodMonths: 1, invoiceRecipient: 1, sentInvoiceRecipient: 1, receivedInvoiceRecipient: 1, reportRecipient: 1 };
  const plain = (value) => (value === null || value === "" ? t("nothing") : field === "outcome" ? t(`outcome.${value}`) : String(value));
  return `${t(`setup.${field}`, { fallback: t(`field.${field}`, { fallback: field }) })}: ${known ? say(from) : plain(from)} → ${known ? say(to) : plain(to)}`;
}
