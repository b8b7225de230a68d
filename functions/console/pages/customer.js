// One customer: a tile per solution, and from a tile to an invitation or an activation.

import { html } from "./preact.js";
import { everyItem, get, useLoad, withQuery } from "./api.js";
import { dayOf, moment, named, t } from "./language.js";
import { Proposal } from "./proposal.js";
import { href } from "./route.js";
import { Facts, Fault, Panel, Skeleton, Tag } from "./ui.js";
import { flags, organisationNumber, payer } from "./words.js";

export function Customer({ id, me, catalogue, query, employees }) {
  const loaded = useLoad(() => get(`customers/${id}`), [id]);
  const customer = loaded.data;
  const unlinked = useLoad(
    async () => ({ data: await everyItem(withQuery("collaborations", { linked: "false", state: "active", limit: 100 })) }),
    [],
  );
  const here = ["customers", id];
  if (!customer) {
    return loaded.problem ? html`<${Fault} problem=${loaded.problem} retry=${loaded.reload} />` : html`<${Skeleton} rows=${8} />`;
  }
  const waiting = (unlinked.data ?? []).filter((row) => row.organisationNumber === customer.organisationNumber);
  const tiles = catalogue.all.map((solution) => ({
    solution,
    active: customer.collaborations.find((row) => row.solution === solution.key),
    sent: customer.invitations.find((row) => row.solution === solution.key),
    waiting: waiting.find((row) => row.solution === solution.key || row.solution === null),
  }));
  const start = query.start && catalogue.get(query.start);
  const manager = employees.find((person) => person.id === customer.accountManager);
  const tasks = customer.tasks.filter((task) => task.active);
  return html`<div class=${`split ${start ? "opened" : ""}`}>
    <div class="list">
      <p class="crumb"><a href=${href(["customers"])}>${t("nav.customers")}</a></p>
      <h1>${customer.name}</h1>
      ${!customer.active && html`<p><${Tag} tone="warn">${t("inactive")}<//></p>`}
      <${Facts} rows=${[
        [t("organisation-number"), organisationNumber(customer.organisationNumber)],
        [t("contact"), customer.contact?.name],
        [t("account-manager"), manager?.name ?? customer.accountManager],
        [t("tasks"), tasks.map((task) => task.name).join(", ") || t("tasks.none")],
      ]} />
      <h2>${t("solutions")}</h2>
      <ul class="tiles">
        ${tiles.map((tile) => html`<${Tile} key=${tile.solution.key} ...${{ tile, here, me, customer, open: query.start }} />`)}
      </ul>
    </div>
    ${start && html`<${Panel} title=${t("proposal.title", { solution: named(start.name) })} close=${href(here)} key=${start.key}>
      <${Proposal} ...${{ customer, solution: start.key, me, catalogue }} onDone=${loaded.reload} />
    <//>`}
  </div>`;
}

function Tile({ tile, here, me, customer, open }) {
  const { solution, active, sent, waiting } = tile;
  const name = named(solution.name);
  const names = { office: me.office?.name, customer: customer.name };
  if (active) {
    const pays = payer(active, names);
    return html`<li class="tile has">
      <h3>${name}</h3>
      <p class="tags"><${Tag} tone="good">${t("tile.active")}<//>${flags(active).map(([tone, words]) => html`<${Tag} tone=${tone}>${words}<//>`)}</p>
      <p>${pays.now ? t("tile.pays", { who: pays.now }) : t("tile.since", { date: dayOf(active.startedAt) })}</p>
      <p><a href=${href(["collaborations"], { open: active.id })} aria-label=${t("tile.open.label", { solution: name })}>${t("tile.open")}</a></p>
    </li>`;
  }
  if (sent) {
    return html`<li class="tile sent">
      <h3>${name}</h3>
      <p class="tags"><${Tag} tone="warn">${t("tile.sent")}<//></p>
      <p>${t("tile.until", { date: moment(sent.expiresAt) })}</p>
      <p><a href=${href(["requests"], { open: sent.id })} aria-label=${t("tile.request.label", { solution: name })}>${t("tile.request")}</a></p>
    </li>`;
  }
  if (waiting) {
    return html`<li class="tile sent">
      <h3>${name}</h3>
      <p class="tags"><${Tag} tone="warn">${t("tile.unlinked")}<//></p>
      <p>${t("tile.unlinked.text")}</p>
      <p><a href=${href(["collaborations"], { linked: "false", state: "active", open: waiting.id })} aria-label=${t("tile.link.label", { solution: name })}>${t("tile.link")}</a>
      ${waiting.solution === null && html` · <a href=${href(here, { start: solution.key })}>${t("tile.start")}</a>`}</p>
    </li>`;
  }
  const way = solution.kind === "office-tool" ? "tile.activate" : "tile.start";
  return html`<li class=${`tile ${open === solution.key ? "current" : ""}`}>
    <h3>${name}</h3>
    <p>${solution.kind ? t(`kind.${solution.kind}`) : t("kind.by-variant")}</p>
    <p><a class="button" href=${href(here, { start: solution.key })} aria-label=${t(`${way}.label`, { solution: name })}>${t(way)}</a></p>
  </li>`;
}
