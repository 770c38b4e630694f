// Loads older items of a feed as the reader scrolls down.
import { build } from "./activity.js";
import { language } from "./slots.js";
import { reader } from "./stream.js";

export const root = document.querySelector("[data-feed]");
export const list = part("list");
export const read = reader(root.dataset);

const PRELOAD_MARGIN = "400px";

// The id that the next page comes before; empty on a page that the browser reads from the start.
let { older } = root.dataset;

const sentinel = part("sentinel");
const observer = new IntersectionObserver(onScroll, { rootMargin: PRELOAD_MARGIN });

// A line is drawn between what is newer than the reader's previous visit and what is older.
const visit = part("visit");
const since = visit ? new Date(visit.dateTime) : null;

export function part(name) {
  return root.querySelector(`[data-feed-${name}]`);
}

function timeOf(item) {
  return new Date(item.querySelector("time").dateTime);
}

function isNew(item) {
  return timeOf(item) > since;
}

function append(item) {
  // What arrived meanwhile moves others to the next page, where they come again.
  if (!item || document.getElementById(item.id)) return;
  const last = list.lastElementChild;
  if (since && last && isNew(last) && !isNew(item)) list.append(part("line"));
  list.append(item);
}

function wait() {
  root.dataset.state = older ? "waiting" : "end";
  if (older) observer.observe(sentinel);
}

function show({ results, next }) {
  root.dataset.newest ||= results[0]?.id ?? "";
  results.map(build).forEach(append);
  older = next && results.at(-1)?.id;
}

async function load() {
  observer.disconnect();
  root.dataset.state = "loading";
  try {
    show(await read(older ? { id_lt: older } : {}));
    wait();
    root.dispatchEvent(new Event("feed:loaded"));
  } catch {
    root.dataset.state = "error";
  }
}

function onScroll(entries) {
  if (entries.at(-1).isIntersecting) load();
}

if (visit) {
  visit.textContent = since.toLocaleString(language, { dateStyle: "full", timeStyle: "short" });
}
part("retry").addEventListener("click", load);
// Where feeds are hosted, the page comes without items.
if (root.dataset.deferred) load();
else wait();
