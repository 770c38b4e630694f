// Asks the site what changed for this person, in one tab for all, and tells whoever listens:
// a change is an event "notification:<name>" on the document, its detail { name, data, timestamp }.
// What else learns of changes hands them over, in a list, as "notifications:publish";
// "notifications:polled" follows each poll, in the tab that polls.
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

// Whether the site answered.
async function look(signal) {
  try {
    const response = await fetch(`${poll}?since=${last}`, { signal });
    signedOut = response.status === 401;
    if (!response.ok) return false;
    publish(await response.json());
  } catch {
    return false;
  }
  document.dispatchEvent(new Event("notifications:polled"));
  return true;
}

const sleep = (pause, signal) =>
  new Promise((wake) => {
    setTimeout(wake, pause * 1000);
    signal.addEventListener("abort", wake);
  });

async function run(signal, pause) {
  for (;;) {
    await sleep(pause, signal);
    if (signal.aborted) return;
    const answered = await look(signal);
    if (signedOut) return;
    pause = answered ? seconds : Math.min(2 * Math.max(pause, seconds), LONGEST_PAUSE);
  }
}

// Of all visible tabs the one with the lock polls; without locks (plain http) each does.
function takeTurn(pause) {
  turn?.abort();
  if (document.hidden || signedOut) return;
  turn = new AbortController();
  const { signal } = turn;
  if (navigator.locks) navigator.locks.request(channel.name, { signal }, () => run(signal, pause)).catch(() => {});
  else run(signal, pause);
}

channel.addEventListener("message", ({ data }) => tell(data));
document.addEventListener("notifications:publish", ({ detail }) => publish(detail));
document.addEventListener("visibilitychange", () => takeTurn(0));
// What this page shows may be news to other tabs.
publish(JSON.parse(document.getElementById("notifications").textContent));
takeTurn(seconds);
