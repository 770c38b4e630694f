// Asks, in one tab for all, what changed for this person. Tells it to the document, each change as
// "notification:<name>", with what comes in a list as "notifications:publish".
const { poller, person, seconds } = document.querySelector("[data-poller]").dataset;
const channel = new BroadcastChannel(`notifications ${person}`);

let last = 0;
let signedOut;
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

async function run(pause, signal) {
  while (!signedOut) {
    await new Promise((wake) => {
      setTimeout(wake, pause * 1000);
      signal.onabort = wake;
    });
    if (signal.aborted) return;
    try {
      const response = await fetch(`${poller}?since=${last}`, { signal });
      signedOut = response.status === 401;
      if (!response.ok) throw new Error(response.status);
      publish(await response.json());
      tell([{ name: "polled" }]);
      pause = seconds;
    } catch {
      pause = Math.min(2 * Math.max(pause, seconds), 300);
    }
  }
}

// Of all visible tabs the one with the lock polls; without locks (plain http) each does.
function takeTurn(pause) {
  turn?.abort();
  turn = new AbortController();
  const { signal } = turn;
  const work = () => run(pause, signal);
  if (document.hidden) return;
  (navigator.locks?.request(channel.name, { signal }, work) ?? work()).catch(() => {});
}

channel.onmessage = ({ data }) => tell(data);
document.addEventListener("notifications:publish", ({ detail }) => publish(detail));
document.addEventListener("visibilitychange", () => takeTurn(0));
// News to other tabs, perhaps.
publish(JSON.parse(document.getElementById("notifications").textContent));
takeTurn(seconds);
