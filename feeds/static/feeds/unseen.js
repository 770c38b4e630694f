// Reads the number of unseen notifications from Stream, in the tab that polls for the others.
import { reader } from "./stream.js";

const NAME = "unseen_notification_count";
// Timers are not exact: a poll that comes this much too early (in ms) still reads.
const TOLERANCE = 500;

const { dataset } = document.querySelector("[data-unseen]");
// The address names the person's feed, so what is stored under it is theirs.
const { url, seconds, unseen } = dataset;
const read = reader(dataset);

let readAt = 0;

function send(type, detail) {
  document.dispatchEvent(new CustomEvent(type, { detail }));
}

function publish(number) {
  send("notifications:publish", [{ name: NAME, data: number }]);
}

function remember(number) {
  readAt = Date.now();
  localStorage.setItem(url, JSON.stringify({ time: readAt, data: number }));
}

// A page that does not wait for Stream shows the number that was read for an earlier page.
function restore() {
  const { time = 0, data } = JSON.parse(localStorage.getItem(url) ?? "{}");
  readAt = time;
  if (data) send(`notification:${NAME}`, { name: NAME, data });
}

function look() {
  if (Date.now() < readAt + seconds * 1000 - TOLERANCE) return;
  // Set before the answer, so that a Stream that is down is asked no more often.
  readAt = Date.now();
  read().then((feed) => publish(feed.unseen), () => {});
}

if (unseen) readAt = Date.now();
else restore();
// Only now: a number that was restored is no newer than before.
document.addEventListener(`notification:${NAME}`, ({ detail }) => remember(detail.data));
document.addEventListener("notification:polled", look);
look();
