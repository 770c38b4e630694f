// Marks notifications as seen and as read. The site makes the calls: a browser never writes to
// Stream.

const ITEM = "[data-feed-list] > *";
const MARK_READ = "[data-mark-read]";
const UNSEEN_COUNT = "unseen_notification_count";

function send(form) {
  return fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "application/json" },
    // Signed out: the site answers with a redirect to the sign-in form.
    redirect: "error",
    // The call is completed even if a link is followed meanwhile.
    keepalive: true,
  });
}

// Following a link in a notification marks it as read.
function onClick(event) {
  const item = event.target.closest("a[href]") && event.target.closest(ITEM);
  const form = item?.querySelector(MARK_READ);
  if (form) send(form).catch(() => {});
}

async function onSubmit(event) {
  const form = event.target.closest(MARK_READ);
  if (!form) return;
  event.preventDefault();
  const item = form.closest(ITEM);
  const isMarked = await send(form).then((response) => response.ok, () => false);
  if (isMarked) {
    form.remove();
    // The button that had the focus is gone.
    item.focus();
  } else {
    // The page that answers says what is wrong.
    form.submit();
  }
}

// Only on pages that came without items, as the site itself marks what it shows.
const seenForm = document.querySelector("[data-mark-seen]");

async function markSeen() {
  const isMarked = await send(seenForm).then((response) => response.ok, () => false);
  if (!isMarked) return;
  const detail = [{ name: UNSEEN_COUNT, data: 0 }];
  document.dispatchEvent(new CustomEvent("notifications:publish", { detail }));
}

function markSeenOnceLoaded() {
  const feed = document.querySelector("[data-feed]");
  // The feed may have been loaded before this script.
  if (["waiting", "end"].includes(feed.dataset.state)) markSeen();
  else feed.addEventListener("feed:loaded", markSeen, { once: true });
}

document.addEventListener("click", onClick);
document.addEventListener("submit", onSubmit);
if (seenForm) markSeenOnceLoaded();
