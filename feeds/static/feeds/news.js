// Offers on top what came or moved while one reads.
import { build } from "./activity.js";
import { list, part, read, root } from "./feed.js";

const button = part("news");
let found;

function offer(answer) {
  found = answer;
  button.hidden = !found.results.length;
  part("news-count").textContent = found.results.length + (found.next ? "+" : "");
}

function look() {
  const { newest } = root.dataset;
  if (!document.hidden) read(newest ? { id_gt: newest } : {}).then(offer, () => {});
}

function insert() {
  if (found.next) return location.reload();
  const items = found.results.map(build).filter(Boolean);
  for (const { id } of items) document.getElementById(id)?.remove();
  list.prepend(...items);
  root.dataset.newest = found.results[0].id;
  button.hidden = true;
  list.firstElementChild?.focus();
}

button.addEventListener("click", insert);
setInterval(look, root.dataset.poll * 1000);
document.addEventListener("visibilitychange", look);
