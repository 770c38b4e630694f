// Offers on top what came or moved while one reads; inserts it when asked to.
import { build } from "./activity.js";
import { feedOf } from "./feed.js";

function watch(root) {
  const feed = feedOf(root);
  const button = root.querySelector("[data-feed-news]");
  let found = [];
  let whole = true;

  async function look() {
    if (document.hidden) return;
    try {
      const { newest } = root.dataset;
      const answer = await feed.read(newest ? { id_gt: newest } : {});
      found = answer.results;
      whole = !answer.next;
    } catch {
      return; // the next look may do better
    }
    button.hidden = !found.length;
    button.querySelector("[data-feed-news-count]").textContent = `${found.length}${whole ? "" : "+"}`;
  }

  button.addEventListener("click", () => {
    if (!whole) {
      window.location.reload();
      return;
    }
    for (const item of [...found].reverse()) {
      const element = build(root, item);
      if (!element) continue;
      feed.list.querySelector(`[data-group="${CSS.escape(item.group)}"]`)?.remove();
      feed.names.add(item.group);
      feed.list.prepend(element);
    }
    root.dataset.newest = found[0].id;
    feed.show("empty", false);
    button.hidden = true;
    feed.list.firstElementChild?.focus();
  });

  setInterval(look, root.dataset.poll * 1000);
  document.addEventListener("visibilitychange", look);
}

document.querySelectorAll("[data-feed][data-poll]").forEach(watch);
