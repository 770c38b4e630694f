// Asks for news, in one tab for all (docs/architecture.md).
const { poller, person, seconds } = document.querySelector("[data-poller]").dataset;
const name = `notifications ${person}`;

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

// Tabs hear what is stored; a channel would keep the page out of the history.
function publish(items) {
  tell(items);
  localStorage[name] = JSON.stringify([items, Date.now()]);
}

async function run(pause, signal) {
  while (!signedOut && !signal.aborted) {
    await new Promise((wake) => {
      setTimeout(wake, pause * 1000);
      signal.onabort = wake;
    });
    try {
      const response = await fetch(`${poller}?since=${last}&person=${person}`, { signal });
      signedOut = response.status === 401;
      if (!response.ok) throw new Error(response.status);
      publish(await response.json());
      tell([{ name: "polled" }]);
      pause = seconds;
    } catch {
      pause = Math.min(2 * Math.max(pause, seconds), 60);
    }
  }
}

// Of visible tabs the one with the lock polls; without locks (plain http) each does.
function takeTurn(pause) {
  turn?.abort();
  turn = new AbortController();
  const { signal } = turn;
  const work = () => run(pause, signal);
  if (document.hidden) return;
  (navigator.locks?.request(name, { signal }, work) ?? work()).catch(() => {});
}

addEventListener("storage", ({ key, newValue }) => {
  if (key !== name) return;
  signedOut = false;
  tell(JSON.parse(newValue)[0]);
});
document.addEventListener("notifications:publish", ({ detail }) => publish(detail));
document.addEventListener("visibilitychange", () => takeTurn(0));
publish(JSON.parse(document.getElementById("notifications").textContent));
takeTurn(seconds);
