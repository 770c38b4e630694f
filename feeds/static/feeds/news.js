// Offers on top what came or moved while one reads.
import { build } from "./activity.js";
import { list, part, read, root } from "./feed.js";

const button = part("news");

function offer({ results, next }) {
  button.hidden = !results.length;
  part("news-count").textContent = results.length + (next ? "+" : "");
  button.onclick = () => {
    if (next) return location.reload();
    const items = results.map(build).filter(Boolean);
    for (const { id } of items) document.getElementById(id)?.remove();
    list.prepend(...items);
    root.dataset.newest = results[0].id;
    button.hidden = true;
    items[0]?.focus();
  };
}

function look() {
  const { newest } = root.dataset;
  if (!document.hidden) read(newest ? { id_gt: newest } : {}).then(offer, () => {});
}

setInterval(look, root.dataset.poll * 1000);
addEventListener("visibilitychange", look);
