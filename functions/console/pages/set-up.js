// The fields of a set-up, as the catalogue says that a solution asks them.

import { html } from "./preact.js";
import { named, t } from "./language.js";
import { Select } from "./ui.js";
import { setUpValue } from "./words.js";

/** One control per field. `values`: what is chosen; `faults`: by field; `skip`: fields that are not asked here. */
export function SetUp({ solution, values, onValue, catalogue, names, faults = {}, skip = [], none }) {
  const known = catalogue.get(solution);
  if (!known) return null;
  return known.setup
    .filter(({ field }) => !skip.includes(field))
    .map(({ field, values: possible, required }) => {
      const options =
        field === "variant"
          ? known.variants.map((variant) => [variant.key, named(variant.name, variant.key)])
          : possible.map((value) => [value, setUpValue(field, value, solution, catalogue, names)]);
      return html`<${Select} key=${field} label=${t(`setup.${field}`)} fault=${faults[field]} value=${values[field] ?? ""}
        none=${none ?? t(required ? "choose" : "setup.default")} options=${options}
        onValue=${(value) => onValue(field, value && field === "periodMonths" ? Number(value) : value)} />`;
    });
}

/** The faults of a problem by field: `{variant: "..."}`. */
export function faultsByField(problem) {
  const found = {};
  for (const error of problem?.errors ?? []) found[error.pointer.split("/").pop()] = error.detail;
  return found;
}
