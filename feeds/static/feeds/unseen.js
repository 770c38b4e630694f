// Keeps the number of unseen notifications: read from Stream by the tab that polls, told to all.
import { reader } from "./stream.js";

const { dataset } = document.querySelector("[data-unseen]");
const { url, seconds, unseen } = dataset;
const read = reader(dataset);
const name = "unseen_notification_count";

// Hosted Stream counts its calls: what another page learned lately will do.
let { time, data } = unseen ? { time: Date.now() } : JSON.parse(localStorage[url] ?? "{}");

const publish = (data) =>
  document.dispatchEvent(new CustomEvent("notifications:publish", { detail: [{ name, data }] }));

function look() {
  if (time > Date.now() - seconds * 1000 + 500) return;
  time = Date.now();
  read().then((feed) => publish(feed.unseen), () => {});
}

document.addEventListener(`notification:${name}`, ({ detail }) => {
  localStorage[url] = JSON.stringify({ time: Date.now(), data: detail.data });
});
document.addEventListener("notification:polled", look);
if (data) publish(data);
if (!time) look();
