// The office's page: collaborations, customers, sent requests.

import { html, useEffect } from "./preact.js";
import { everyItem, firstItems, useLoad } from "./api.js";
import { Batch } from "./batch.js";
import { Collaborations } from "./collaborations.js";
import { Customer } from "./customer.js";
import { Customers } from "./customers.js";
import { Requests } from "./requests.js";
import { href, useRoute } from "./route.js";
import { start } from "./shell.js";
import { Fault, Skeleton } from "./ui.js";
import { catalogueOf } from "./words.js";

const PAGES = ["collaborations", "customers", "requests"];
// Of a hundred employees each: more than the largest office has. The filters say so where there are more still.
const PAGES_OF_EMPLOYEES = 40;

function Office({ me, setCurrent }) {
  const { path, query } = useRoute();
  const [page, id] = PAGES.includes(path[0]) ? path : ["collaborations"];
  const known = useLoad(async () => {
    const [solutions, employees] = await Promise.all([everyItem("solutions"), firstItems("employees?limit=100", PAGES_OF_EMPLOYEES)]);
    return { data: { solutions, employees } };
  }, []);
  useEffect(() => setCurrent(page), [page]);
  if (!known.data) {
    return known.problem
      ? html`<${Fault} problem=${known.problem} retry=${known.reload} />`
      : html`<${Skeleton} rows=${6} />`;
  }
  const { items: employees, more: moreEmployees } = known.data.employees;
  const office = { me, employees, moreEmployees, catalogue: catalogueOf(known.data.solutions), query };
  if (page === "customers") {
    return id ? html`<${Customer} key=${id} id=${id} ...${office} />` : html`<${Customers} ...${office} />`;
  }
  if (page === "requests") return id === "new" ? html`<${Batch} ...${office} />` : html`<${Requests} ...${office} />`;
  return html`<${Collaborations} ...${office} />`;
}

start({
  caller: "employee",
  links: PAGES.map((page) => [page, href([page])]),
  elsewhere: "my",
  Page: Office,
});
