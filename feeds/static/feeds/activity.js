// Fills a template with the fields of an activity or a group, as the server does.
export const language = document.documentElement.lang;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const UNITS = { year: 31536e3, month: 2592e3, week: 604800, day: 86400, hour: 3600, minute: 60, second: 1 };

function ago(date) {
  const seconds = Math.max(1, (Date.now() - date) / 1000);
  const unit = Object.keys(UNITS).find((name) => seconds >= UNITS[name]);
  return relative.format(-Math.floor(seconds / UNITS[unit]), unit);
}

const FILLERS = {
  fillText: (slot, text) => (slot.textContent = text),
  fillValue: (slot, text) => (slot.value = text),
  fillInitials: (slot, name) => {
    slot.textContent = name.match(/(?<!\S)\S/gu)?.slice(0, 2).join("").toUpperCase();
  },
  fillHost: (slot, address) => {
    if (URL.canParse(address)) slot.textContent = new URL(address).hostname.replace(/^www\./, "");
  },
  fillAddress: (slot, address) => {
    if (/^(https?:\/\/|\/(?!\/))/i.test(address)) slot[slot.matches("img") ? "src" : "href"] = address;
  },
  fillGap: (slot, name) => {
    slot.pathname = slot.pathname.replace("//", `/${encodeURIComponent(name)}/`);
  },
  fillFrom: (slot, id) => (slot.search = `from=${id.split(":").pop()}`),
  fillTint: (slot, id) => slot.classList.add(`tint-${id % 6}`),
  fillUnless: (slot, done) => done && slot.remove(),
  fillOptional: (slot, some) => some || slot.remove(),
  fillRows: (slot, rows) => slot.append(...rows.map((row) => fill(template(`${row.verb}-row`), row))),
  fillTime: (slot, text) => {
    // Stream's times are UTC, unsaid.
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

// The element of an activity or a group; null where nothing of it can be shown.
export function build(item) {
  const activities = (item.activities ?? [item]).filter((one) => one.actor?.data && one.object?.data);
  const actors = [...new Map(activities.map(({ actor }) => [actor.id, actor])).values()];
  const people = actors.length > 1 ? item.actor_count : 1;
  const count = /^follow|^save/.test(item.verb) ? people : item.activity_count;
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
