// Asks for news, in one tab for all (docs/architecture.md).
const { poller, person, seconds } = document.querySelector("[data-poller]").dataset;
const name = `notifications ${person}`;

let last = 0, signedOut, turn;

function tell(items) {
  for (const item of items) {
    if (item.timestamp <= last) continue;
    last = item.timestamp ?? last;
    document.dispatchEvent(new CustomEvent(`notification:${item.name}`, { detail: item }));
  }
}

function publish(items) {
  tell(items);
  localStorage[name] = JSON.stringify([items, Date.now()]);
}

async function run(pause, signal) {
  while (!signedOut && !signal.aborted) {
    await new Promise((wake) => setTimeout((signal.onabort = wake), pause * 1000));
    try {
      const response = await fetch(`${poller}?since=${last}&person=${person}`, { signal });
      signedOut = response.status === 401;
      if (!response.ok) throw response;
      publish(await response.json());
      tell([{ name: "polled" }]);
      pause = seconds;
    } catch {
      pause = Math.min(2 * Math.max(pause, seconds), 60);
    }
  }
}

// Without locks (plain http) each visible tab polls.
function takeTurn(pause) {
  turn?.abort();
  if (document.hidden) return;
  turn = new AbortController();
  const { signal } = turn;
  const work = () => run(pause, signal);
  (navigator.locks?.request(name, { signal }, work) ?? work()).catch(() => {});
}

addEventListener("storage", ({ key, newValue }) => {
  if (key !== name) return;
  signedOut = false;
  tell(JSON.parse(newValue)[0]);
});
document.addEventListener("notifications:publish", ({ detail }) => publish(detail));
addEventListener("visibilitychange", () => takeTurn(0));
publish(JSON.parse(document.getElementById("notifications").textContent));
takeTurn(seconds);
