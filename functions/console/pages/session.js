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
  const { signInEndpoint } = await config;
  let answer;
  try {
    answer = await fetch(`${signInEndpoint}/`, {
      method: "POST",
      headers: {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify(body),
    });
  } catch {
    throw new PoolError("Unreachable");
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new PoolError((said.__type ?? "Unreachable").split("#").pop());
  return said;
}

/** An operation that is asked by the pages' client of the pool. */
const byClient = async (operation, body) => pool(operation, { ClientId: (await config).clientId, ...body });

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

const CHALLENGES = {
  NEW_PASSWORD_REQUIRED: "new-password",
  SOFTWARE_TOKEN_MFA: "authenticator",
  MFA_SETUP: "authenticator-setup",
};

/** Signed in, or the pool's next challenge: `{name, answer, session, user, address}`, and the `key` of a new authenticator. */
async function next(said, address, user = address) {
  if (said.AuthenticationResult) {
    enter(said.AuthenticationResult, address);
    return null;
  }
  const challenge = {
    name: CHALLENGES[said.ChallengeName],
    answer: said.ChallengeName,
    session: said.Session,
    user: said.ChallengeParameters?.USER_ID_FOR_SRP ?? user,
    address,
  };
  if (!challenge.name) throw new PoolError("UnknownChallenge");
  if (said.ChallengeName !== "MFA_SETUP") return challenge;
  const paired = await pool("AssociateSoftwareToken", { Session: said.Session });
  return { ...challenge, session: paired.Session, key: paired.SecretCode };
}

const answer = async (challenge, responses) =>
  next(
    await byClient("RespondToAuthChallenge", {
      ChallengeName: challenge.answer,
      Session: challenge.session,
      ChallengeResponses: { USERNAME: challenge.user, ...responses },
    }),
    challenge.address,
    challenge.user,
  );

/** Sign in. What comes back, where something does, is the pool's next challenge. */
export async function signIn(address, password) {
  const proof = beginProof();
  const asked = await byClient("InitiateAuth", {
    AuthFlow: "USER_SRP_AUTH",
    AuthParameters: { USERNAME: address, SRP_A: proof.publicKey },
  });
  if (asked.ChallengeName !== "PASSWORD_VERIFIER") throw new PoolError("UnknownChallenge");
  const { userPoolId } = await config;
  const responses = await proof.answer(asked.ChallengeParameters, password, userPoolId);
  return answer({ answer: asked.ChallengeName, session: asked.Session, user: responses.USERNAME, address }, responses);
}

/** Answer the challenge for a new password; gives the next challenge, as `signIn` does. */
export const chooseNewPassword = (challenge, password) => answer(challenge, { NEW_PASSWORD: password });

/** Answer the challenge for a code of the authenticator app. */
export const enterCode = (challenge, code) => answer(challenge, { SOFTWARE_TOKEN_MFA_CODE: code });

/** Answer the challenge to pair an authenticator app, with the first code that it shows. */
export async function pairAtSignIn(challenge, code) {
  const { Session } = await verify({ Session: challenge.session, UserCode: code });
  return answer({ ...challenge, session: Session }, {});
}

/** Give the pool the first code of a new app. A wrong one is refused, or answered with a status. */
async function verify(body) {
  const verified = await pool("VerifySoftwareToken", body);
  if (verified.Status !== "SUCCESS") throw new PoolError("CodeMismatchException");
  return verified;
}

/**
 * Whether the login that is signed in has an authenticator app: `{paired, access}` as `data`. `access` is the access token,
 * for the calls below; it is not kept.
 */
export async function authenticator() {
  const { AccessToken } = await renewed();
  const user = await pool("GetUser", { AccessToken });
  return { data: { paired: (user.UserMFASettingList ?? []).includes("SOFTWARE_TOKEN_MFA"), access: AccessToken } };
}

/** The key of a new authenticator app. It counts once `pair` has had a code from it. */
export const newKey = async (access) => (await pool("AssociateSoftwareToken", { AccessToken: access })).SecretCode;

export async function pair(access, code) {
  await verify({ AccessToken: access, UserCode: code });
  await preferAuthenticator(access, true);
}

/** Ask for a code at sign-in from now on, or no longer. */
export const preferAuthenticator = (access, wanted) =>
  pool("SetUserMFAPreference", {
    AccessToken: access,
    SoftwareTokenMfaSettings: { Enabled: wanted, PreferredMfa: wanted },
  });

export const signUp = (address, password) =>
  byClient("SignUp", { Username: address, Password: password, UserAttributes: [{ Name: "email", Value: address }] });
export const confirmSignUp = (address, code) =>
  byClient("ConfirmSignUp", { Username: address, ConfirmationCode: code });
export const sendCodeAgain = (address) => byClient("ResendConfirmationCode", { Username: address });
export const forgotPassword = (address) => byClient("ForgotPassword", { Username: address });
export const resetPassword = (address, code, password) =>
  byClient("ConfirmForgotPassword", { Username: address, ConfirmationCode: code, Password: password });

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

async function renewed() {
  const { AuthenticationResult: result } = await byClient("InitiateAuth", {
    AuthFlow: "REFRESH_TOKEN_AUTH",
    AuthParameters: { REFRESH_TOKEN: session.refresh },
  });
  enter(result, session.email, result.RefreshToken ?? session.refresh);
  return result;
}

async function renew() {
  try {
    await renewed();
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
