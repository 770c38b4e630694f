// Fills the slots of a template with the fields of an activity or a group, as the server does.
export const language = document.documentElement.lang;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const UNITS = { year: 31536000, month: 2592000, week: 604800, day: 86400, hour: 3600, minute: 60, second: 1 };

function ago(date) {
  const seconds = Math.max(1, (Date.now() - date) / 1000);
  const unit = Object.keys(UNITS).find((name) => seconds >= UNITS[name]);
  return relative.format(-Math.floor(seconds / UNITS[unit]), unit);
}

// <b data-fill-text="actor.data.name"> is filled by fillText with the name of the actor.
const FILLERS = {
  fillText: (slot, text) => { slot.textContent = text; },
  fillValue: (slot, text) => { slot.value = text; },
  fillInitials: (slot, name) => {
    slot.textContent = name.match(/(?<!\S)\S/gu)?.slice(0, 2).join("").toUpperCase();
  },
  fillHost: (slot, address) => {
    if (URL.canParse(address)) slot.textContent = new URL(address).hostname.replace(/^www\./, "");
  },
  // Only http(s), or an address of this site.
  fillAddress: (slot, address) => {
    if (/^(https?:\/\/|\/(?!\/))/i.test(address)) slot[slot.matches("img") ? "src" : "href"] = address;
  },
  // "/users//" has a gap for a name.
  fillGap: (slot, name) => {
    slot.pathname = slot.pathname.replace("//", `/${encodeURIComponent(name)}/`);
  },
  fillUnless: (slot, done) => { if (done) slot.remove(); },
  fillOptional: (slot, some) => { if (!some) slot.remove(); },
  fillRows: (slot, rows) => slot.append(...rows.map((row) => fill(template(`${row.verb}-row`), row))),
  fillTime: (slot, text) => {
    // A time of Stream's is UTC without saying so.
    const date = new Date(`${text.replace(/Z$/, "")}Z`);
    slot.dateTime = date.toISOString();
    slot.title = date.toLocaleString(language);
    slot.textContent = ago(date);
  },
};

const value = (item, path) => path.split(".").reduce((part, name) => part?.[name], item) ?? "";

const template = (name) => document.getElementById(`feed-${name}`);

function fill(source, item) {
  const element = document.importNode(source.content.firstElementChild, true);
  for (const slot of element.querySelectorAll("*")) {
    for (const [filler, path] of Object.entries(slot.dataset)) FILLERS[filler]?.(slot, value(item, path));
  }
  return element;
}

const SHOWN = 2;

// The element that shows an activity or a group, or null where nothing of it is left or its verb is
// unknown. Says of a group what feeds.readers.ActivityGroup does.
export function build(item) {
  const activities = (item.activities ?? [item]).filter(({ actor, object }) => actor?.data && object?.data);
  const actors = [...new Map(activities.map(({ actor }) => [actor.id, actor])).values()];
  const people = actors.length > 1 ? item.actor_count : 1;
  const count = item.verb.startsWith("follow") ? people : item.activity_count;
  const found = template(`${item.verb}-${count}`) ?? template(item.verb);
  if (!found || !actors.length) return null;
  const element = fill(found, {
    ...item,
    activities,
    actors,
    shown: activities.slice(0, SHOWN),
    hidden: activities.slice(SHOWN),
    other_actor_count: item.actor_count - 2,
    more_count: item.activity_count - activities.length,
  });
  element.id = item.group ?? item.id;
  return element;
}
