// What somebody has written and not sent: kept for this tab until it is sent or dropped, whatever becomes of the page.

import { useState } from "./preact.js";

const KEPT = "draft ";
const keyOf = (form, field) => `${KEPT}${form} ${field}`;

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

/** As `useState`, for a field of a form; what was written there before comes first. */
export function useDraft(form, field, initial) {
  const key = keyOf(form, field);
  const [value, setValue] = useState(() => read(key) ?? initial);
  const set = (changed) => {
    sessionStorage.setItem(key, JSON.stringify(changed));
    setValue(changed);
  };
  return [value, set];
}

/** Forget what was written in a form; in every form where none is named. */
export function dropDrafts(form) {
  const prefix = form === undefined ? KEPT : `${KEPT}${form} `;
  Object.keys(sessionStorage)
    .filter((key) => key.startsWith(prefix))
    .forEach((key) => sessionStorage.removeItem(key));
}
