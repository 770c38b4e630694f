// Asks the site what changed for this person, in one tab for all, and tells whoever listens: a change
// is an event "notification:<name>" on the document, with { name, data, timestamp } as its detail.
// Who learns of changes elsewhere hands a list of them over as "notifications:publish".
const { poll, person, seconds } = document.querySelector("[data-poll]").dataset;
const channel = new BroadcastChannel(`notifications ${person}`);
const LONGEST_PAUSE = 300;

let last = 0;
let signedOut = false;
let turn;

function tell(items) {
  for (const item of items) {
    if (item.timestamp <= last) continue;
    last = item.timestamp ?? last;
    document.dispatchEvent(new CustomEvent(`notification:${item.name}`, { detail: item }));
  }
}

function publish(items) {
  tell(items);
  channel.postMessage(items);
}

const sleep = (pause, signal) =>
  new Promise((wake) => {
    setTimeout(wake, pause * 1000);
    signal.addEventListener("abort", wake);
  });

async function run(pause, signal) {
  while (!signedOut) {
    await sleep(pause, signal);
    if (signal.aborted) return;
    try {
      const response = await fetch(`${poll}?since=${last}`, { signal });
      signedOut = response.status === 401;
      if (!response.ok) throw new Error(response.status);
      publish(await response.json());
      document.dispatchEvent(new Event("notifications:polled"));
      pause = seconds;
    } catch {
      pause = Math.min(2 * Math.max(pause, seconds), LONGEST_PAUSE);
    }
  }
}

// Of all visible tabs the one with the lock polls; without locks (plain http) each does.
function takeTurn(pause) {
  turn?.abort();
  turn = new AbortController();
  const { signal } = turn;
  if (document.hidden) return;
  if (navigator.locks) navigator.locks.request(channel.name, { signal }, () => run(pause, signal)).catch(() => {});
  else run(pause, signal);
}

channel.addEventListener("message", ({ data }) => tell(data));
document.addEventListener("notifications:publish", ({ detail }) => publish(detail));
document.addEventListener("visibilitychange", () => takeTurn(0));
// What this page shows may be news to other tabs.
publish(JSON.parse(document.getElementById("notifications").textContent));
takeTurn(seconds);
