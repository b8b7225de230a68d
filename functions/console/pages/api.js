// The public API, called as anybody else would: JSON, problem documents, Idempotency-Key, If-Match.

import { useCallback, useEffect, useRef, useState } from "./preact.js";
import { language } from "./language.js";
import { signInAgain, token } from "./session.js";

const ROOT = new URL("../", import.meta.url);
const UNAUTHENTICATED = 401;

/** A problem document (RFC 9457), or what stands for one when no answer came. */
export class Problem extends Error {
  constructor(document, answer) {
    super(document.title ?? "");
    Object.assign(this, { title: document.title, detail: document.detail, errors: document.errors ?? [], document });
    this.slug = String(document.type ?? "").split("/").pop();
    this.status = answer?.status ?? 0;
    this.location = answer?.headers.get("Location") ?? null;
    this.retryAfter = Number(answer?.headers.get("Retry-After")) || null;
  }
}

export const slugOf = (problem) => String(problem.type ?? "").split("/").pop();

/** A value for Idempotency-Key that was never used. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Call the API. `body` is sent as JSON, `key` as Idempotency-Key, `match` as If-Match.
 * Gives `{data, etag, status}`; throws a Problem. Waits while the reader signs in again.
 */
export async function call(method, path, { body, key, match } = {}) {
  for (;;) {
    const headers = { Accept: "application/json", "Accept-Language": language(), Authorization: `Bearer ${await token()}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (key) headers["Idempotency-Key"] = key;
    if (match) headers["If-Match"] = match;
    let answer;
    try {
      answer = await fetch(new URL(path, ROOT), { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
    } catch {
      throw new Problem({ type: "unreachable" });
    }
    if (answer.status === UNAUTHENTICATED) {
      await signInAgain();
      continue;
    }
    const data = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Problem(data, answer);
    return { data, etag: answer.headers.get("ETag"), status: answer.status };
  }
}

export const get = (path) => call("GET", path);

/** A path with a query, without what is empty. */
export function withQuery(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  if (!given.length) return path;
  return `${path}${path.includes("?") ? "&" : "?"}${new URLSearchParams(given)}`;
}

/** The items of a list, page after page, up to `most` pages: `{items, more}`, and whether there are more. */
export async function firstItems(path, most) {
  const items = [];
  let cursor = null;
  for (let page = 0; page < most; page += 1) {
    const { data } = await get(withQuery(path, { cursor }));
    items.push(...data.items);
    cursor = data.next;
    if (!cursor) break;
  }
  return { items, more: Boolean(cursor) };
}

/** Every item of a list that is not long: up to twenty pages. */
export const everyItem = async (path) => (await firstItems(path, 20)).items;

/** Load once, and again whenever a dependency changes: `{data, etag, problem, loading, reload, set}`. */
export function useLoad(load, dependencies) {
  const [state, setState] = useState({ loading: true });
  const turn = useRef(0);
  const reload = useCallback(() => {
    const mine = (turn.current += 1);
    setState((before) => ({ ...before, loading: true, problem: undefined }));
    load().then(
      (loaded) => mine === turn.current && setState({ ...loaded, loading: false }),
      (problem) => mine === turn.current && setState((before) => ({ ...before, loading: false, problem })),
    );
  }, dependencies);
  useEffect(reload, [reload]);
  useEffect(() => () => {
    turn.current = -1;
  }, []);
  const set = (data, etag) => setState((before) => ({ ...before, data, etag: etag ?? before.etag }));
  return { ...state, reload, set };
}

/** A list page by page: `{items, more, loading, problem, next, reload}`. */
export function useList(path) {
  const [state, setState] = useState({ items: [], cursor: null, loading: true });
  const turn = useRef(0);
  const load = async (cursor, items) => {
    const mine = (turn.current += 1);
    setState((before) => ({ ...before, items, loading: true, problem: undefined }));
    try {
      const found = [...items];
      let next = cursor;
      // A page may be short, or empty: `next` alone tells whether there is more. What there is is shown meanwhile.
      do {
        const { data } = await get(withQuery(path, { cursor: next }));
        found.push(...data.items);
        next = data.next;
        if (mine === turn.current) setState({ items: [...found], cursor: next, loading: true });
      } while (next && found.length - items.length < 10 && mine === turn.current);
      if (mine === turn.current) setState({ items: found, cursor: next, loading: false });
    } catch (problem) {
      if (mine === turn.current) setState((before) => ({ ...before, loading: false, problem }));
    }
  };
  useEffect(() => {
    load(null, []);
    return () => {
      turn.current += 1;
    };
  }, [path]);
  return {
    ...state,
    more: state.cursor !== null && state.cursor !== undefined,
    next: () => load(state.cursor, state.items),
    reload: () => load(null, []),
    replace: (item) =>
      setState((before) => ({ ...before, items: before.items.map((other) => (other.id === item.id ? item : other)) })),
  };
}

/** Something that the reader sets off: `{run, busy, problem, clear}`. */
export function useAction(action) {
  const [state, setState] = useState({ busy: false });
  const run = async (...given) => {
    setState({ busy: true });
    try {
      const result = await action(...given);
      setState({ busy: false });
      return result;
    } catch (problem) {
      setState({ busy: false, problem });
      return undefined;
    }
  };
  return { ...state, run, clear: () => setState({ busy: false }) };
}
