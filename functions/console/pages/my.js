// The company's page: what waits for an answer, then what there is, by company.

import { html, useEffect, useState } from "./preact.js";
import { everyItem, useLoad } from "./api.js";
import { t } from "./language.js";
import { MyCollaboration } from "./my-collaboration.js";
import { MyRequest } from "./my-request.js";
import { useRoute, href } from "./route.js";
import { start } from "./shell.js";
import { Empty, Fault, Skeleton } from "./ui.js";
import { catalogueOf } from "./words.js";

// How often a list is asked for anew when something is about to appear in it, and after how many milliseconds.
const TRIES = 8;
const AGAIN = 1_000;

function Company({ me, setCurrent }) {
  const { query } = useRoute();
  const [earlier, setEarlier] = useState(false);
  const loaded = useLoad(async () => {
    const [solutions, requests, collaborations] = await Promise.all(
      ["my/solutions", "my/requests?limit=100", "my/collaborations?limit=100"].map((path) => everyItem(path)),
    );
    return { data: { solutions, requests, collaborations } };
  }, []);
  useEffect(() => setCurrent("my"), []);
  // What an answer has started is in the list within seconds.
  const [awaited, setAwaited] = useState({ id: null, left: 0 });
  const there = !awaited.id || loaded.data?.collaborations.some((row) => row.id === awaited.id);
  useEffect(() => {
    if (there || loaded.loading || awaited.left === 0) return undefined;
    const timer = setTimeout(() => {
      setAwaited({ ...awaited, left: awaited.left - 1 });
      loaded.reload();
    }, AGAIN);
    return () => clearTimeout(timer);
  }, [there, loaded.loading, awaited]);
  const answeredNow = (collaborationId) => {
    setAwaited({ id: collaborationId ?? null, left: TRIES });
    loaded.reload();
  };
  if (me.accounts?.length === 0) {
    return html`<div class="list mine"><h1>${t("my.title")}</h1>
      <${Empty} title=${t("my.no-company")} text=${t("my.no-company.text", { email: me.email })} /></div>`;
  }
  if (loaded.problem) return html`<${Fault} problem=${loaded.problem} retry=${loaded.reload} />`;
  if (!loaded.data) return html`<${Skeleton} rows=${6} />`;
  const { requests, collaborations } = loaded.data;
  const catalogue = catalogueOf(loaded.data.solutions);
  const waiting = requests.filter((row) => row.status === "pending");
  const answered = requests.filter((row) => row.status !== "pending");
  const names = new Map((me.accounts ?? []).map((account) => [account.id, account.name]));
  const companies = [...new Set([...names.keys(), ...collaborations.map((row) => row.accountId)])];
  const replace = (row) => {
    const others = collaborations.map((other) => (other.id === row.id ? row : other));
    loaded.set({ ...loaded.data, collaborations: others });
  };
  const nothing = requests.length === 0 && collaborations.length === 0;

  return html`<div class="list mine">
    <h1>${t("my.title")}</h1>
    ${nothing && html`<${Empty} title=${t("my.none")} text=${t("my.none.text")} />`}
    ${waiting.length > 0 && html`<h2>${t("my.waiting")}</h2>
      ${waiting.map((row) => html`<${MyRequest} key=${row.id} row=${row} catalogue=${catalogue} onDone=${answeredNow} />`)}`}
    ${companies.map((id) => {
      const rows = collaborations.filter((row) => row.accountId === id);
      return html`<section key=${id} aria-label=${names.get(id) ?? rows[0]?.accountName}>
        <h2>${names.get(id) ?? rows[0]?.accountName}</h2>
        ${rows.length === 0 && html`<p class="hint">${t("my.company.none")}</p>`}
        ${rows.map((row) => html`<${MyCollaboration} key=${row.id} open=${query.open === row.id} ...${{ row, catalogue, onChanged: replace }} />`)}
      </section>`;
    })}
    ${answered.length > 0 && html`<h2>${t("my.answered")}</h2>
      ${earlier
        ? answered.map((row) => html`<${MyRequest} key=${row.id} row=${row} catalogue=${catalogue} />`)
        : html`<button type="button" class="quiet" onClick=${() => setEarlier(true)}>${t("my.answered.show", { count: answered.length })}</button>`}`}
  </div>`;
}

start({ caller: "account-user", brand: "brand.my", links: [["my", href([])]], elsewhere: "console", mayJoin: true, Page: Company });
