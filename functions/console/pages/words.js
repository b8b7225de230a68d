// What the API's keys are called: solutions, set-up, who pays, reasons, mails.

import { day, named, t } from "./language.js";

/** An organisation number as people write it. */
export const organisationNumber = (digits) => (digits ? `${digits.slice(0, 6)}-${digits.slice(6)}` : "");

/** The catalogue by key, for names. */
export function catalogueOf(solutions) {
  const byKey = new Map((solutions ?? []).map((solution) => [solution.key, solution]));
  return {
    all: solutions ?? [],
    get: (key) => byKey.get(key),
    name: (key) => (key ? named(byKey.get(key)?.name, key) : t("solution.unknown")),
    variant: (key, variant) =>
      named(byKey.get(key)?.variants?.find((found) => found.key === variant)?.name, variant ?? ""),
  };
}

export const SET_UP = [
  "variant", "invoiceRecipient", "sentInvoiceRecipient", "receivedInvoiceRecipient", "periodMonths", "reportRecipient",
];
export const RECIPIENTS = ["invoiceRecipient", "sentInvoiceRecipient", "receivedInvoiceRecipient"];

/** A value of the set-up in words. `names`: `{office, customer}`; `another`: the recipients that mean another office. */
export function setUpValue(field, value, solution, catalogue, names, another = []) {
  if (value === null || value === undefined || value === "") return "";
  if (field === "variant") return catalogue.variant(solution, value);
  if (field === "periodMonths") return t("setup.months", { months: value });
  if (value === "office" && another.includes(field)) return t("setup.another-office");
  if (RECIPIENTS.includes(field)) return (value === "office" ? names.office : names.customer) || t(`side.${value}`);
  return t(`setup.report.${value}`, { fallback: catalogue.name(value) });
}

/** `[label, words]` for each field of a set-up that has a value; with what is to come, where it differs. */
export function setUpRows(agreement, catalogue, names) {
  const { setup, solution } = agreement;
  const nextSetup = agreement.nextSetup ?? setup;
  const another = agreement.paidByAnotherOffice ?? [];
  const nextAnother = agreement.nextPaidByAnotherOffice ?? another;
  return SET_UP.filter((field) => setup?.[field] !== undefined && setup[field] !== null).map((field) => {
    const now = setUpValue(field, setup[field], solution, catalogue, names, another);
    const coming = setUpValue(field, nextSetup[field], solution, catalogue, names, nextAnother);
    return [t(`setup.${field}`), coming && coming !== now ? t("setup.then", { now, coming, date: day(agreement.renewsOn) }) : now];
  });
}

/** Who pays now and from the renewal: `{now, coming}`, `coming` only where it differs. */
export function payer(agreement, names) {
  if (agreement.customerOwned) return { now: names.customer };
  const say = (setup, another) => {
    const paid = RECIPIENTS.filter((field) => setup?.[field]);
    return [...new Set(paid.map((field) => setUpValue(field, setup[field], null, null, names, another)))].join(", ");
  };
  const another = agreement.paidByAnotherOffice ?? [];
  const now = say(agreement.setup, another);
  const coming = say(agreement.nextSetup ?? agreement.setup, agreement.nextPaidByAnotherOffice ?? another);
  return { now, coming: coming !== now ? coming : "" };
}

/** What needs looking at on a collaboration: `[tone, words]` each. */
export function flags(collaboration) {
  const found = [];
  const bounced = (collaboration.mails ?? []).some((mail) => ["bounced", "complained", "failed"].includes(mail.delivery));
  if (collaboration.endProblem) found.push(["bad", t("flag.end-problem")]);
  if (bounced) found.push(["bad", t("flag.bounced")]);
  if (collaboration.state === "active" && !collaboration.linked) found.push(["warn", t("flag.unlinked")]);
  if (collaboration.toDo?.length) found.push(["warn", t("flag.to-do")]);
  return found;
}

export const STATUS_TONE = { pending: "warn", accepted: "good", declined: "bad", revoked: "", expired: "" };
export const DELIVERY_TONE = {
  queued: "", sent: "", delivered: "good", delayed: "warn", bounced: "bad", complained: "bad", failed: "bad",
};

export const solutionOptions = (catalogue) => catalogue.all.map((solution) => [solution.key, named(solution.name)]);
/** What a field has whose choice is an employee. `more`: there are more of them than are named. */
export const employeeChoice = (employees, more) => ({
  options: employees.map((person) => [person.id, person.active ? person.name : t("employee.inactive", { name: person.name })]),
  hint: more && t("employees.more", { count: employees.length }),
});
export const taskOptions = (tasks) => (tasks ?? []).filter((task) => task.active).map((task) => [task.id, task.name]);

/** Why somebody has access, in words. `peers`: how the collaboration is called where it is another one. */
export const reasonWords = (reason) => t(`reason.${reason.role}`);
