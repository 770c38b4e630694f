// Offers what arrived on top of a feed since the page was loaded.
import { build } from "./activity.js";
import { list, part, read, root } from "./feed.js";

const button = part("news");
const count = part("news-count");

// The newest answer of Stream that has not been shown yet.
let news;

function offer(answer) {
  news = answer;
  button.hidden = !news.results.length;
  // More than one page of news has an end that is not known.
  count.textContent = news.results.length + (news.next ? "+" : "");
}

function show() {
  const { results, next } = news;
  // A gap would remain between more than one page of news and what is on this page.
  if (next) {
    location.reload();
    return;
  }
  const items = results.map(build).filter(Boolean);
  // A group that was added to moves to the top.
  for (const { id } of items) document.getElementById(id)?.remove();
  list.prepend(...items);
  root.dataset.newest = results[0].id;
  button.hidden = true;
  items[0]?.focus();
}

function look() {
  if (document.hidden) return;
  const { newest } = root.dataset;
  // The next look tries again if this one fails.
  read(newest ? { id_gt: newest } : {}).then(offer, () => {});
}

button.addEventListener("click", show);
setInterval(look, root.dataset.poll * 1000);
document.addEventListener("visibilitychange", look);
