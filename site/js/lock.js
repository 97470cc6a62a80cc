/** One tab writes the journal: by the browser's locks, or where it has none (plain http) by asking the other tabs. */
const NAME = "segmark.journal";
const ANSWER_MS = 400; // a tab that lives answers within this time, also one in the background

/** This tab writes; a second one on the same journal must not. Held as long as the tab lives. @returns {Promise<boolean>} */
export function takeLock() {
  if (navigator.locks === undefined) return claim();
  return new Promise((resolve) => {
    navigator.locks.request(NAME, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise(() => {});
    }).catch(() => resolve(claim())); // file:// in some browsers
  });
}

/** Ask whether another tab writes; of two that ask at once the one with the smaller number does. @returns {Promise<boolean>} */
function claim() {
  const channel = new BroadcastChannel(NAME);
  const own = [...crypto.getRandomValues(new Uint32Array(2))].map((part) => part.toString(16).padStart(8, "0")).join("");
  let isOwner = false;
  return new Promise((resolve) => {
    channel.onmessage = ({ data: { claim: other, owner } }) => {
      const isOlder = other !== undefined && (isOwner || own < other);
      if (isOlder) channel.postMessage({ owner: own });
      else if (!isOwner && (other !== undefined || owner !== undefined)) {
        channel.close();
        resolve(false);
      }
    };
    channel.postMessage({ claim: own });
    setTimeout(() => {
      isOwner = true;
      resolve(true); // after a refusal this says nothing
    }, ANSWER_MS);
  });
}
