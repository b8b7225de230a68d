// The language of the page: chosen by the reader, else the office's, else the browser's. Swedish or English.

import en from "./en.js";
import sv from "./sv.js";

const TEXTS = { sv, en };
const KEPT = "language";
const ZONE = "Europe/Stockholm";
const listeners = new Set();

let current = TEXTS[localStorage.getItem(KEPT)] ? localStorage.getItem(KEPT) : fromBrowser();
document.documentElement.lang = current;

function fromBrowser() {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => TEXTS[tag]);
  return wanted ?? "sv";
}

export const language = () => current;

/** Change the language; `chosen` by the reader is remembered and wins over what the office prefers. */
export function setLanguage(wanted, { chosen = true } = {}) {
  if (!TEXTS[wanted] || (!chosen && localStorage.getItem(KEPT))) return;
  if (chosen) localStorage.setItem(KEPT, wanted);
  current = wanted;
  document.documentElement.lang = wanted;
  listeners.forEach((listener) => listener(wanted));
}

export function onLanguage(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The text of a key with its places filled; the key itself where there is none. */
export function t(key, values = {}) {
  const text = TEXTS[current][key];
  if (text === undefined) return values.fallback ?? key;
  return text.replace(/{(\w+)}/g, (place, name) => values[name] ?? place);
}

/** As `t`, with `.one` or `.other` after the key. */
export const tn = (key, count) => t(`${key}.${count === 1 ? "one" : "other"}`, { count });

/** A name that the API gives in both languages. */
export const named = (name, fallback = "") => name?.[current] ?? name?.sv ?? fallback;

const tag = () => (current === "sv" ? "sv-SE" : "en-GB");

/** A day, `YYYY-MM-DD`, in words. */
export function day(date) {
  const format = new Intl.DateTimeFormat(tag(), { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  return date ? format.format(new Date(`${date}T00:00:00Z`)) : "";
}

/** A time, ISO 8601 in UTC, as it is in Sweden. */
export function moment(time) {
  const format = new Intl.DateTimeFormat(tag(), {
    day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: ZONE,
  });
  return time ? format.format(new Date(time)) : "";
}

/** The day of a time, ISO 8601 in UTC, as it is in Sweden. */
export const dayOf = (time) => (time ? day(swedish(new Date(time))) : "");

/** Today in Sweden, or so many days later, as `YYYY-MM-DD`. */
export function today(later = 0) {
  return swedish(new Date(Date.now() + later * 86_400_000));
}

/** The day in Sweden at a time, as `YYYY-MM-DD`. */
const swedish = (time) => new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE }).format(time);
