// A feed goes on as one scrolls.
import { build } from "./activity.js";
import { language } from "./slots.js";
import { reader } from "./stream.js";

export const root = document.querySelector("[data-feed]");
export const part = (name) => root.querySelector(`[data-feed-${name}]`);
export const list = part("list");
export const read = reader(root.dataset);

let { older } = root.dataset;
const near = (entries) => entries.at(-1).isIntersecting && load();
const observer = new IntersectionObserver(near, { rootMargin: "400px" });

const visit = part("visit");
const since = new Date(visit?.dateTime);
if (visit) visit.textContent = since.toLocaleString(language, { dateStyle: "full", timeStyle: "short" });

const timeOf = (item) => new Date(item?.querySelector("time").dateTime);

function append(item) {
  if (!item || document.getElementById(item.id)) return;
  if (timeOf(list.lastElementChild) > since && timeOf(item) <= since) list.append(part("line"));
  list.append(item);
}

function rest() {
  root.dataset.state = older ? "waiting" : "end";
  if (older) observer.observe(part("sentinel"));
}

async function load() {
  observer.disconnect();
  root.dataset.state = "loading";
  try {
    const { results, next } = await read(older ? { id_lt: older } : {});
    root.dataset.newest ||= results[0]?.id ?? "";
    results.map(build).forEach(append);
    older = next && results.at(-1)?.id;
    rest();
    root.dispatchEvent(new Event("feed:loaded"));
  } catch {
    root.dataset.state = "error";
  }
}

part("retry").onclick = load;
if (root.dataset.deferred) load();
else rest();
