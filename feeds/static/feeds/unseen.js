// The tab that polls reads from Stream how many notifications are unseen.
import { reader } from "./stream.js";

const { dataset } = document.querySelector("[data-unseen]");
const { url, seconds, unseen } = dataset;
const read = reader(dataset);
const name = "unseen_notification_count";
const send = (type, detail) => document.dispatchEvent(new CustomEvent(type, { detail }));

let { time = 0, data } = unseen ? { time: Date.now() } : JSON.parse(localStorage[url] ?? "{}");

function look() {
  if (Date.now() < time + seconds * 1000 - 500) return;
  time = Date.now();
  read().then((feed) => send("notifications:publish", [{ name, data: feed.unseen }]), () => {});
}

if (data) send(`notification:${name}`, { name, data });
document.addEventListener(`notification:${name}`, ({ detail }) => {
  localStorage[url] = JSON.stringify({ time: (time = Date.now()), data: detail.data });
});
document.addEventListener("notification:polled", look);
look();
