// Who is signed in: the user pool's tokens, kept for this tab alone and renewed before they run out.

import { dropDrafts } from "./drafts.js";
import { beginProof } from "./srp.js";

const KEPT = "session";
const EARLY_SECONDS = 60;
const config = fetch(new URL("./config.json", import.meta.url)).then((answer) => answer.json());
const listeners = new Set();

let session = read();
let renewing = null;
let waiting = null;

/** The pool said no; `code` is its name for the reason, such as NotAuthorizedException. */
export class PoolError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null;
  }
}

function keep(changed) {
  session = changed;
  if (changed) sessionStorage.setItem(KEPT, JSON.stringify(changed));
  else sessionStorage.removeItem(KEPT);
  listeners.forEach((listener) => listener());
}

export const isSignedIn = () => session !== null;
export const email = () => session?.email ?? "";
/** Whether somebody was signed in and no longer is, with work in front of them. */
export const hasExpired = () => waiting !== null;

export function onSession(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

async function pool(operation, body) {
  const { signInEndpoint, clientId } = await config;
  let answer;
  try {
    answer = await fetch(`${signInEndpoint}/`, {
      method: "POST",
      headers: {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify({ ClientId: clientId, ...body }),
    });
  } catch {
    throw new PoolError("Unreachable");
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new PoolError((said.__type ?? "Unreachable").split("#").pop());
  return said;
}

function enter(result, address, refresh = result.RefreshToken) {
  // What somebody else wrote in this tab is not for these eyes.
  if (session && session.email !== address) dropDrafts();
  keep({ id: result.IdToken, refresh, email: address, until: expiry(result.IdToken) });
  waiting?.resolve();
  waiting = null;
  listeners.forEach((listener) => listener());
}

function expiry(token) {
  const part = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
  return JSON.parse(atob(part)).exp;
}

/** Sign in. What comes back, where something does, is the pool's next question: a new password. */
export async function signIn(address, password) {
  const proof = beginProof();
  const asked = await pool("InitiateAuth", {
    AuthFlow: "USER_SRP_AUTH",
    AuthParameters: { USERNAME: address, SRP_A: proof.publicKey },
  });
  if (asked.ChallengeName !== "PASSWORD_VERIFIER") throw new PoolError("UnknownChallenge");
  const { userPoolId } = await config;
  const said = await pool("RespondToAuthChallenge", {
    ChallengeName: asked.ChallengeName,
    Session: asked.Session,
    ChallengeResponses: await proof.answer(asked.ChallengeParameters, password, userPoolId),
  });
  if (said.AuthenticationResult) return enter(said.AuthenticationResult, address);
  if (said.ChallengeName !== "NEW_PASSWORD_REQUIRED") throw new PoolError("UnknownChallenge");
  return { session: said.Session, address: said.ChallengeParameters?.USER_ID_FOR_SRP ?? address };
}

/** Answer the question for a new password. */
export async function chooseNewPassword(asked, password, address) {
  const said = await pool("RespondToAuthChallenge", {
    ChallengeName: "NEW_PASSWORD_REQUIRED",
    Session: asked.session,
    ChallengeResponses: { USERNAME: asked.address, NEW_PASSWORD: password },
  });
  if (!said.AuthenticationResult) throw new PoolError("UnknownChallenge");
  enter(said.AuthenticationResult, address);
}

export const signUp = (address, password) =>
  pool("SignUp", { Username: address, Password: password, UserAttributes: [{ Name: "email", Value: address }] });
export const confirmSignUp = (address, code) =>
  pool("ConfirmSignUp", { Username: address, ConfirmationCode: code });
export const sendCodeAgain = (address) => pool("ResendConfirmationCode", { Username: address });
export const forgotPassword = (address) => pool("ForgotPassword", { Username: address });
export const resetPassword = (address, code, password) =>
  pool("ConfirmForgotPassword", { Username: address, ConfirmationCode: code, Password: password });

export function signOut() {
  waiting = null;
  dropDrafts();
  keep(null);
}

/** A valid ID token. Where there is none any more, the reader is asked to sign in again, and this waits for that. */
export async function token() {
  if (session && session.until - Date.now() / 1000 > EARLY_SECONDS) return session.id;
  if (session?.refresh) {
    renewing ??= renew().finally(() => {
      renewing = null;
    });
    if (await renewing) return session.id;
  }
  await signInAgain();
  return session.id;
}

async function renew() {
  try {
    const said = await pool("InitiateAuth", {
      AuthFlow: "REFRESH_TOKEN_AUTH",
      AuthParameters: { REFRESH_TOKEN: session.refresh },
    });
    enter(said.AuthenticationResult, session.email, said.AuthenticationResult.RefreshToken ?? session.refresh);
    return true;
  } catch (fault) {
    if (fault.code === "Unreachable") throw fault;
    return false;
  }
}

/** The token is not taken any more: ask for the password over what is on the page, and wait. */
export function signInAgain() {
  if (!waiting) {
    waiting = {};
    waiting.promise = new Promise((resolve) => {
      waiting.resolve = resolve;
    });
    listeners.forEach((listener) => listener());
  }
  return waiting.promise;
}
