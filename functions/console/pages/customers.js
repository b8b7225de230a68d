// The office's customers, by name: the way to what each has, and could have.

import { html, useEffect, useState } from "./preact.js";
import { useList, withQuery } from "./api.js";
import { t } from "./language.js";
import { useSettled } from "./picker.js";
import { go, href } from "./route.js";
import { Empty, Fault, Input, More, Skeleton, Tag } from "./ui.js";
import { organisationNumber } from "./words.js";

export function Customers({ query, employees }) {
  const [text, setText] = useState(query.query ?? "");
  const wanted = useSettled(text.trim());
  useEffect(() => {
    if (wanted !== (query.query ?? "")) go(["customers"], { query: wanted }, { replace: true });
  }, [wanted]);
  const list = useList(withQuery("customers", { limit: 50, query: wanted }));
  const managers = new Map(employees.map((person) => [person.id, person.name]));
  return html`<div class="list">
    <h1>${t("nav.customers")}</h1>
    <form class="filters" onSubmit=${(event) => event.preventDefault()}>
      <${Input} label=${t("customers.find")} type="search" value=${text} onValue=${setText} />
    </form>
    <${Fault} problem=${list.problem} retry=${list.reload} />
    ${list.items.length > 0 && html`<table class="rows">
      <thead><tr>
        <th scope="col">${t("customer")}</th><th scope="col">${t("organisation-number")}</th>
        <th scope="col">${t("contact")}</th><th scope="col">${t("account-manager")}</th>
      </tr></thead>
      <tbody>${list.items.map((row) => html`<tr key=${row.id}>
        <th scope="row" data-label=${t("customer")}>
          <a href=${href(["customers", row.id])}>${row.name}</a>${!row.active && html` <${Tag}>${t("inactive")}<//>`}
        </th>
        <td data-label=${t("organisation-number")}>${organisationNumber(row.organisationNumber)}</td>
        <td data-label=${t("contact")}>${row.contact?.name || "–"}</td>
        <td data-label=${t("account-manager")}>${managers.get(row.accountManager) ?? row.accountManager ?? "–"}</td>
      </tr>`)}</tbody>
    </table>`}
    ${list.loading && html`<${Skeleton} rows=${6} />`}
    ${!list.loading && !list.problem && list.items.length === 0 &&
    html`<${Empty} title=${t(wanted ? "customers.none-found" : "customers.none")} text=${t(wanted ? "customers.none-found.text" : "customers.none.text")} />`}
    <${More} list=${list} />
  </div>`;
}
