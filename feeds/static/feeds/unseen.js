// Keeps the number of unseen notifications: read from Stream by the tab that polls, told to all.
import { reader } from "./stream.js";

const NAME = "unseen_notification_count";
const { dataset } = document.querySelector("[data-unseen]");
const { url, seconds, unseen: rendered } = dataset;
const read = reader(dataset);
let readAt = Date.now();

const publish = (data) =>
  document.dispatchEvent(new CustomEvent("notifications:publish", { detail: [{ name: NAME, data }] }));

async function refresh() {
  if (Date.now() - readAt < seconds * 1000 - 500) return;
  readAt = Date.now();
  publish((await read()).unseen);
}

const look = () => refresh().catch(() => {});

document.addEventListener("notifications:polled", look);
if (rendered) {
  publish(Number(rendered));
} else {
  // Hosted Stream counts its calls: what another page learned lately will do.
  const kept = JSON.parse(localStorage.getItem(url)) ?? { readAt: 0 };
  document.addEventListener(`notification:${NAME}`, ({ detail: { data } }) => {
    localStorage.setItem(url, JSON.stringify({ readAt: Date.now(), data }));
  });
  if (kept.readAt) publish(kept.data);
  readAt = kept.readAt;
  look();
}
