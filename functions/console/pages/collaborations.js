// The office's collaborations: filters kept in the address, rows, and one of them opened beside the list.

import { html, useState } from "./preact.js";
import { get, useList, useLoad, withQuery } from "./api.js";
import { Collaboration } from "./collaboration.js";
import { CustomerPicker } from "./picker.js";
import { day, dayOf, t, tn, today } from "./language.js";
import { go, href } from "./route.js";
import { Empty, Fault, More, Select, Skeleton, Tag } from "./ui.js";
import { employeeChoice, flags, organisationNumber, payer, solutionOptions } from "./words.js";

const HERE = ["collaborations"];
const FILTERS = ["customerId", "solution", "taskOwner", "accountManager", "state", "linked", "endsBefore", "renewsBefore", "withProblem"];
const SOON_DAYS = 30;
const EXPIRES_SOON_DAYS = 3;

/** Until when what expires expires soon: a time, to the minute, so that the address of a list stays the same for a while. */
const soon = () => `${new Date(Date.now() + EXPIRES_SOON_DAYS * 86_400_000).toISOString().slice(0, 16)}:00Z`;

/** The filters of a query, without what is open beside the list. */
const filtersOf = (query) => Object.fromEntries(FILTERS.filter((name) => query[name]).map((name) => [name, query[name]]));

export function Collaborations({ me, employees, moreEmployees, catalogue, query }) {
  const filters = filtersOf(query);
  const list = useList(withQuery("collaborations", { limit: 50, ...filters }));
  const set = (name, value) => go(HERE, { ...filters, [name]: value }, { replace: true });
  const open = query.open;
  const [changes, setChanges] = useState(0);
  const changed = (row) => {
    list.replace(row);
    setChanges((before) => before + 1);
  };
  return html`<div class=${`split ${open ? "opened" : ""}`}>
    <div class="list">
      <h1>${t("nav.collaborations")}</h1>
      <${Counts} turn=${changes} />
      <${Filters} ...${{ filters, set, catalogue, employees, moreEmployees }} />
      <${Fault} problem=${list.problem} retry=${list.reload} />
      ${list.items.length > 0 && html`<${Rows} ...${{ list, me, catalogue, filters, open }} />`}
      ${list.loading && html`<${Skeleton} rows=${6} />`}
      ${!list.loading && !list.problem && list.items.length === 0 && html`<${Nothing} filtered=${Object.keys(filters).length > 0} />`}
      <${More} list=${list} />
    </div>
    ${open &&
    html`<${Collaboration} key=${open} id=${open} close=${href(HERE, filters)} onChanged=${changed}
      ...${{ me, catalogue, employees }} />`}
  </div>`;
}

const Nothing = ({ filtered }) =>
  filtered
    ? html`<${Empty} title=${t("collaborations.none-filtered")}>
        <a class="button" href=${href(HERE)}>${t("filter.clear")}</a>
      <//>`
    : html`<${Empty} title=${t("collaborations.none")} text=${t("collaborations.none.text")}>
        <a class="button primary" href=${href(["customers"])}>${t("collaborations.none.go")}</a>
      <//>`;

/** What there is and what wants somebody, each the way to its list. */
function Counts({ turn }) {
  const summary = useLoad(() => get("summary"), [turn]);
  // Where there are no counts, the list below says it all.
  if (summary.problem) return null;
  if (!summary.data) return html`<${Skeleton} rows=${1} />`;
  const { collaborations, invitations } = summary.data;
  const cards = [
    ["active", collaborations.active, href(HERE, { state: "active" })],
    ["unlinked", collaborations.unlinked, href(HERE, { state: "active", linked: "false" })],
    ["endsSoon", collaborations.endsSoon, href(HERE, { state: "active", endsBefore: today(SOON_DAYS) })],
    ["withProblem", collaborations.withProblem, href(HERE, { state: "active", withProblem: "true" })],
    ["pending", invitations.pending, href(["requests"], { status: "pending" })],
    ["expiringSoon", invitations.expiringSoon, href(["requests"], { status: "pending", expiringBefore: soon() })],
    ["bounced", invitations.bounced, href(["requests"], { status: "pending", bounced: "true" })],
    ["withObstacle", invitations.withObstacle, href(["requests"], { status: "pending", withObstacle: "true" })],
  ];
  return html`<ul class="counts">
    ${cards
      .filter(([, counted]) => counted)
      .map(([name, counted, target]) => {
        const urgent = counted.count && ["withProblem", "bounced", "withObstacle"].includes(name);
        return html`<li class=${urgent ? "wanted" : counted.count ? "" : "none"}>
          <a href=${target}><strong>${counted.count}${counted.more ? "+" : ""}</strong> ${tn(`count.${name}`, counted.count)}</a>
        </li>`;
      })}
  </ul>`;
}

function Filters({ filters, set, catalogue, employees, moreEmployees }) {
  const people = employeeChoice(employees, moreEmployees);
  return html`<form class="filters" aria-label=${t("filter")} onSubmit=${(event) => event.preventDefault()}>
    <${CustomerPicker} label=${t("customer")} value=${filters.customerId} onValue=${(id) => set("customerId", id)} />
    <${Select} label=${t("solution")} none=${t("filter.all")} value=${filters.solution}
      options=${solutionOptions(catalogue)} onValue=${(value) => set("solution", value)} />
    <${Select} label=${t("task-owner")} none=${t("filter.all")} value=${filters.taskOwner} ...${people}
      onValue=${(value) => set("taskOwner", value)} />
    <${Select} label=${t("account-manager")} none=${t("filter.all")} value=${filters.accountManager} ...${people}
      onValue=${(value) => set("accountManager", value)} />
    <${Select} label=${t("state")} none=${t("filter.all")} value=${filters.state}
      options=${["active", "ended"].map((state) => [state, t(`state.${state}`)])} onValue=${(value) => set("state", value)} />
    <${Select} label=${t("linked")} none=${t("filter.all")} value=${filters.linked}
      options=${["true", "false"].map((linked) => [linked, t(`linked.${linked}`)])} onValue=${(value) => set("linked", value)} />
    ${Object.keys(filters).length > 0 &&
    html`<p class="filtered">
      ${filters.endsBefore && html`<${Tag}>${t("filter.endsBefore", { date: day(filters.endsBefore) })}<//> `}
      ${filters.renewsBefore && html`<${Tag}>${t("filter.renewsBefore", { date: day(filters.renewsBefore) })}<//> `}
      ${filters.withProblem === "true" && html`<${Tag}>${t("filter.withProblem")}<//> `}
      <a href=${href(HERE)}>${t("filter.clear")}</a>
    </p>`}
  </form>`;
}

function Rows({ list, me, catalogue, filters, open }) {
  return html`<table class="rows">
    <thead><tr>
      ${["customer", "solution", "task", "pays", "renews-or-ends", "notes"].map((name) => html`<th scope="col">${t(`column.${name}`)}</th>`)}
    </tr></thead>
    <tbody>
      ${list.items.map((row) => {
        const customer = row.customerName ?? row.accountName;
        const pays = payer(row, { office: me.office?.name, customer });
        return html`<tr key=${row.id} class=${row.id === open ? "current" : ""}>
          <th scope="row" data-label=${t("column.customer")}>
            <a href=${href(HERE, { ...filters, open: row.id })} aria-current=${row.id === open ? "true" : undefined}>
              ${customer ?? organisationNumber(row.organisationNumber)}
            </a>
          </th>
          <td data-label=${t("column.solution")}>${catalogue.name(row.solution)}</td>
          <td data-label=${t("column.task")}>${row.task ? html`${row.task.name}<small>${row.task.owner?.name}</small>` : "–"}</td>
          <td data-label=${t("column.pays")}>
            ${pays.now || "–"}${pays.coming && html`<small>${t("pays.then", { who: pays.coming, date: day(row.renewsOn) })}</small>`}
          </td>
          <td data-label=${t("column.renews-or-ends")}>${when(row)}</td>
          <td data-label=${t("column.notes")}>
            <span class="tags">${flags(row).map(([tone, words]) => html`<${Tag} tone=${tone}>${words}<//>`)}</span>
          </td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

/** When it ends or has ended; else when it renews. */
export function when(row) {
  if (row.state === "ended") return t("ended-on", { date: dayOf(row.endedAt) });
  if (row.endsOn) return t("ends-on", { date: day(row.endsOn) });
  return row.renewsOn ? t("renews-on", { date: day(row.renewsOn) }) : "–";
}
