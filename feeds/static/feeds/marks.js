// Marks notifications: read beside following a link, in place by the button; seen where the page
// could not do that itself. The site makes the calls: a browser never marks on Stream.

const ITEM = "[data-feed-list] > *";

const send = (form) =>
  fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "application/json" },
    redirect: "error",
    keepalive: true,
  });

document.addEventListener("click", (event) => {
  const item = event.target.closest("a[href]") && event.target.closest(ITEM);
  const form = item?.querySelector("[data-mark-read]");
  if (form) send(form).catch(() => {});
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-mark-read]");
  if (!form) return;
  event.preventDefault();
  const item = form.closest(ITEM);
  try {
    if (!(await send(form)).ok) throw new Error("not marked");
    form.remove();
    item.focus();
  } catch {
    form.submit();
  }
});

const seen = document.querySelector("[data-mark-seen]");

async function markSeen() {
  const response = await send(seen).catch(() => {});
  const detail = [{ name: "unseen_notification_count", data: 0 }];
  if (response?.ok) document.dispatchEvent(new CustomEvent("notifications:publish", { detail }));
}

if (seen) {
  const feed = document.querySelector("[data-feed]");
  if (/waiting|end/.test(feed.dataset.state)) markSeen();
  else feed.addEventListener("feed:loaded", markSeen, { once: true });
}
