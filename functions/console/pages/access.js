// Who may open what, and why.

import { html } from "./preact.js";
import { everyItem, useLoad } from "./api.js";
import { day, t } from "./language.js";
import { Empty, Fault, Skeleton } from "./ui.js";
import { reasonWords } from "./words.js";

export function Access({ path }) {
  const access = useLoad(async () => ({ data: await everyItem(path) }), [path]);
  if (access.problem) return html`<${Fault} problem=${access.problem} retry=${access.reload} />`;
  if (!access.data) return html`<${Skeleton} rows=${3} />`;
  if (access.data.length === 0) return html`<${Empty} title=${t("access.none")} text=${t("access.none.text")} />`;
  return html`<${People} rows=${access.data} />`;
}

/** The people of a list of access, the office's first. */
export function People({ rows }) {
  const sides = ["office", "customer"].map((side) => [side, rows.filter((row) => row.side === side)]);
  return html`${sides
    .filter(([, people]) => people.length > 0)
    .map(
      ([side, people]) => html`<h3>${t(`access.side.${side}`)}</h3>
        <ul class="people">
          ${people.map(
            (row) => html`<li>
              <strong>${row.person.name}</strong>
              <span>${row.what.map((what) => t(`what.${what}`)).join(` ${t("and")} `)}</span>
              <small>${[...new Set(row.reasons.map(reasonWords))].join(", ")}${row.since ? ` · ${t("since", { date: day(row.since.slice(0, 10)) })}` : ""}</small>
            </li>`,
          )}
        </ul>`,
    )}`;
}
