// The Secure Remote Password protocol (SRP-6a) as the user pool speaks it: the password is proven, and never sent.

// The group of RFC 3526 with 3072 bits, which the pool uses with generator 2.
const PRIME = BigInt(
  "0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510" +
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C" +
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
);
const GENERATOR = 2n;
const SECRET_BYTES = 32;
const KEY_BYTES = 16;
const KEY_INFO = "Caldera Derived Key";

const text = (words) => new TextEncoder().encode(words);
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const number = (bytes) => BigInt(`0x${hex(bytes)}`);
const decoded = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const encoded = (bytes) => btoa(String.fromCharCode(...bytes));

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

/** A number as bytes, as the pool hashes it: with a zero byte before it where the first bit is set. */
function padded(value) {
  let digits = value.toString(16);
  if (digits.length % 2) digits = `0${digits}`;
  if (parseInt(digits[0], 16) >= 8) digits = `00${digits}`;
  return Uint8Array.from(digits.match(/../g), (pair) => parseInt(pair, 16));
}

/** `base` to the `exponent`, modulo the prime. */
function power(base, exponent) {
  let result = 1n;
  let square = base % PRIME;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % PRIME;
    square = (square * square) % PRIME;
  }
  return result;
}

const hash = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));

async function authenticated(key, message) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}

/** The time as the pool reads it: `Fri Nov 27 9:05:00 UTC 2026`, in English and without a zero before the day. */
function stamp(now) {
  const [weekday, day, month, year, time] = now.toUTCString().replace(",", "").split(" ");
  return `${weekday} ${month} ${Number(day)} ${time} UTC ${year}`;
}

/** Begin: `publicKey` goes to the pool; `answer` makes the proof from what the pool then asks. */
export function beginProof() {
  const secret = number(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
  const publicKey = power(GENERATOR, secret);
  return {
    publicKey: publicKey.toString(16),
    /** `challenge`: the ChallengeParameters of PASSWORD_VERIFIER; gives the ChallengeResponses. */
    answer: async (challenge, password, poolId) => {
      const user = challenge.USER_ID_FOR_SRP;
      const pool = poolId.slice(poolId.indexOf("_") + 1);
      const theirs = BigInt(`0x${challenge.SRP_B}`);
      const scramble = number(await hash(padded(publicKey), padded(theirs)));
      // A pool that sends these would learn something, or prove nothing: the protocol ends here.
      if (theirs % PRIME === 0n || scramble === 0n) throw new Error("SRP_B");
      const multiplier = number(await hash(padded(PRIME), padded(GENERATOR)));
      const inner = await hash(text(`${pool}${user}:${password}`));
      const own = number(await hash(padded(BigInt(`0x${challenge.SALT}`)), inner));
      const base = (((theirs - multiplier * power(GENERATOR, own)) % PRIME) + PRIME) % PRIME;
      const shared = power(base, secret + scramble * own);
      const extracted = await authenticated(padded(scramble), padded(shared));
      const key = (await authenticated(extracted, joined(text(KEY_INFO), Uint8Array.of(1)))).slice(0, KEY_BYTES);
      const time = stamp(new Date());
      const message = joined(text(`${pool}${user}`), decoded(challenge.SECRET_BLOCK), text(time));
      return {
        USERNAME: user,
        PASSWORD_CLAIM_SECRET_BLOCK: challenge.SECRET_BLOCK,
        PASSWORD_CLAIM_SIGNATURE: encoded(await authenticated(key, message)),
        TIMESTAMP: time,
      };
    },
  };
}
