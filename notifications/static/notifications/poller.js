// Polls for notifications in one visible tab and shares them with the others (notifications/README.md).
const { poller: url, person, seconds } = document.querySelector("[data-poller]").dataset;
const interval = Number(seconds);
const MAX_PAUSE = 60;

// Names the lock and the shared items of one person: another may sign in while pages are still open.
const channel = `notifications ${person}`;

let lastTimestamp = 0;
let isSignedOut = false;
let turn = null;

function dispatch(items) {
  for (const item of items) {
    // Items that other scripts publish have no timestamp and are always new.
    if (item.timestamp <= lastTimestamp) continue;
    lastTimestamp = item.timestamp ?? lastTimestamp;
    document.dispatchEvent(new CustomEvent(`notification:${item.name}`, { detail: item }));
  }
}

// A change of localStorage fires an event in the other tabs. An open BroadcastChannel would keep pages out
// of the browser's back/forward cache. The time makes each value a change, even if the items are the same.
function publish(items) {
  dispatch(items);
  localStorage.setItem(channel, JSON.stringify([items, Date.now()]));
}

function sleep(pause, signal) {
  return new Promise((resolve) => {
    setTimeout(resolve, pause * 1000);
    signal.onabort = resolve; // releases the lock without delay
  });
}

async function poll(signal) {
  const response = await fetch(`${url}?since=${lastTimestamp}&person=${person}`, { signal });
  // 401: the session has ended, or somebody else has signed in.
  isSignedOut = response.status === 401;
  if (!response.ok) throw new Error(`the poll returned ${response.status}`);
  publish(await response.json());
  dispatch([{ name: "polled" }]);
}

async function pollRepeatedly(firstPause, signal) {
  let pause = firstPause;
  while (!isSignedOut && !signal.aborted) {
    await sleep(pause, signal);
    try {
      await poll(signal);
      pause = interval;
    } catch {
      // Back off, so that a server in trouble gets fewer requests.
      pause = Math.min(2 * Math.max(pause, interval), MAX_PAUSE);
    }
  }
}

// The tab that holds the Web Lock polls. A hidden tab releases it, and the next visible tab gets it.
// Browsers offer no locks on plain http: there each visible tab polls.
function takeTurn(firstPause) {
  turn?.abort();
  if (document.hidden) return;
  turn = new AbortController();
  const { signal } = turn;
  const start = () => pollRepeatedly(firstPause, signal);
  const end = navigator.locks ? navigator.locks.request(channel, { signal }, start) : start();
  end.catch(() => {}); // the tab was hidden while it waited for the lock
}

addEventListener("storage", ({ key, newValue }) => {
  if (key !== channel) return;
  isSignedOut = false; // another tab polls for this person
  dispatch(JSON.parse(newValue)[0]);
});
document.addEventListener("notifications:publish", ({ detail }) => publish(detail));
addEventListener("visibilitychange", () => takeTurn(0));
publish(JSON.parse(document.getElementById("notifications").textContent));
takeTurn(interval);
