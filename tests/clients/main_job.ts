// The main job by the generated TypeScript client: preview, invite, accept by link, show, edit, end.

import createClient from "openapi-fetch";
import type { paths } from "./api.js";

// The one thing of Node that is used here.
declare const process: { argv: string[] };

const [apiUrl, token, customerId, ending, mailboxUrl, administrator] = process.argv.slice(2) as [
  string, string, string, string, string, string,
];
const solution = "smart-office";
const task = { customerId, solution, taskId: "task", invoiceRecipient: "customer" } as const;

function check(condition: unknown, about: unknown): asserts condition {
  if (!condition) throw new Error(JSON.stringify(about));
}

// The link in the mail that the invitation sends, which comes within seconds.
async function link(): Promise<string> {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    const mailbox = (await (await fetch(mailboxUrl)).json()) as {
      messages: Record<string, { To?: string[]; BodyText?: string; Timestamp?: string }[]>;
    };
    const mails = Object.values(mailbox.messages).flat().filter((mail) => JSON.stringify(mail).includes(administrator));
    const found = mails.map((mail) => /\/accept\/([^\s"'<>]+)/.exec(mail.BodyText ?? "")?.[1]).find(Boolean);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("no mail came");
}

const office = createClient<paths>({ baseUrl: apiUrl, headers: { Authorization: `Bearer ${token}` } });
const customer = createClient<paths>({ baseUrl: apiUrl, headers: { Accept: "application/json" } });

const preview = await office.POST("/collaborations/preview", { body: task });
check(preview.data, preview.error);
check(preview.data.door === "invite" && preview.data.problems.length === 0, preview.data);

const invitation = await office.POST("/invitations", {
  params: { header: { "Idempotency-Key": crypto.randomUUID() } },
  body: { ...task, scenario: preview.data.scenario, termsVersion: preview.data.terms.version, message: "Hej!" },
});
check(invitation.data, invitation.error);
check(invitation.response.headers.get("Location")?.endsWith(invitation.data.id), invitation.data);

const path = { token: await link() };
const request = await customer.GET("/accept/{token}", { params: { path } });
check(request.data && typeof request.data !== "string" && request.data.message === "Hej!", request.error);
const decided = await customer.POST("/accept/{token}", {
  params: { path },
  body: { decision: "accept", organisationNumberEnding: ending },
});
check(decided.data && typeof decided.data !== "string", decided.error);
check(decided.data.status === "accepted" && decided.data.collaborationId, decided.data);
const collaborationId = decided.data.collaborationId;

const shown = await office.GET("/collaborations/{collaborationId}", { params: { path: { collaborationId } } });
check(shown.data?.state === "active" && shown.data.setup.invoiceRecipient === "customer", shown.error ?? shown.data);
const seen = shown.response.headers.get("ETag") ?? "";
const edited = await office.PATCH("/collaborations/{collaborationId}", {
  params: { path: { collaborationId }, header: { "If-Match": seen } },
  body: { invoiceRecipient: "office" },
});
check(edited.data?.nextSetup?.invoiceRecipient === "office", edited.error ?? edited.data);
const stale = await office.PATCH("/collaborations/{collaborationId}", {
  params: { path: { collaborationId }, header: { "If-Match": seen } },
  body: { invoiceRecipient: "customer" },
});
check(stale.error?.status === 412, stale);

const ended = await office.POST("/collaborations/{collaborationId}/end", {
  params: { path: { collaborationId }, header: { "If-Match": edited.response.headers.get("ETag") ?? "" } },
  body: { outcome: "continue" },
});
check(ended.data?.collaboration.state === "ended", ended.error ?? ended.data);
console.log(collaborationId);
