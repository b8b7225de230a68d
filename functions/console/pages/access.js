// Who may open what, and why.

import { html, useEffect } from "./preact.js";
import { everyItem, useLoad, withQuery } from "./api.js";
import { dayOf, t } from "./language.js";
import { Empty, Fault, Skeleton } from "./ui.js";
import { reasonWords } from "./words.js";

// Access follows a change within seconds: it is asked for anew after these, in milliseconds.
const FOLLOWS = [1_500, 4_000, 9_000];

/** `turn` is another one after each change. */
export function Access({ path, turn = 0 }) {
  const access = useLoad(async () => ({ data: await everyItem(withQuery(path, { limit: 100 })) }), [path, turn]);
  useEffect(() => {
    const timers = turn ? FOLLOWS.map((pause) => setTimeout(access.reload, pause)) : [];
    return () => timers.forEach(clearTimeout);
  }, [path, turn]);
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
              <small>${[...new Set(row.reasons.map(reasonWords))].join(", ")}${row.since ? ` · ${t("since", { date: dayOf(row.since) })}` : ""}</small>
            </li>`,
          )}
        </ul>`,
    )}`;
}
