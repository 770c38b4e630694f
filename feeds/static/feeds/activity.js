// Fills templates with activities and groups, as the server does.
export const language = document.documentElement.lang;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const UNITS = { year: 31536e3, month: 2592e3, week: 604800, day: 86400, hour: 3600, minute: 60, second: 1 };
const SHOWN = 2;

const FILLERS = {
  fillText: (slot, text) => (slot.textContent = text),
  fillValue: (slot, text) => (slot.value = text),
  fillInitials: (slot, name) =>
    (slot.textContent = name.match(/(?<!\S)\S/gu)?.slice(0, 2).join("").toUpperCase()),
  fillHost: (slot, address) => {
    if (URL.canParse(address)) slot.textContent = new URL(address).hostname.replace(/^www\./, "");
  },
  fillAddress: (slot, address) => {
    if (/^(https?:\/\/|\/(?!\/))/i.test(address)) slot["src" in slot ? "src" : "href"] = address;
  },
  fillGap: (slot, name) => (slot.pathname = slot.pathname.replace("//", `/${encodeURIComponent(name)}/`)),
  fillFrom: (slot, id) => (slot.search = `from=${id.split(":").pop()}`),
  fillTint: (slot, id) => slot.classList.add(`tint-${id % 6}`),
  fillUnless: (slot, done) => done && slot.remove(),
  fillOptional: (slot, some) => some || slot.remove(),
  fillRows: (slot, rows) => slot.append(...rows.map((row) => fill(template(`${row.verb}-row`), row))),
  fillTime: (slot, text) => {
    // Stream's times are UTC, unsaid.
    const date = new Date(text.replace(/Z?$/, "Z"));
    slot.dateTime = date.toISOString();
    slot.title = date.toLocaleString(language);
    const seconds = Math.max(1, (Date.now() - date) / 1000);
    const unit = Object.keys(UNITS).find((name) => seconds >= UNITS[name]);
    slot.textContent = relative.format(-Math.floor(seconds / UNITS[unit]), unit);
  },
};

const value = (item, path) => path.split(".").reduce((part, name) => part?.[name], item) ?? "";

const template = (name) => document.getElementById(`feed-${name}`);

function fill(source, item) {
  const element = document.importNode(source.content.firstElementChild, true);
  for (const slot of element.querySelectorAll("*")) {
    for (const name in slot.dataset) FILLERS[name]?.(slot, value(item, slot.dataset[name]));
  }
  return element;
}

// An element, or null where nothing can be shown.
export function build(item) {
  const { verb, activity_count: added, actor_count: people } = item;
  const activities = (item.activities ?? [item]).filter(({ actor, object }) => actor?.data && object?.data);
  const actors = [...new Map(activities.map(({ actor }) => [actor.id, actor])).values()];
  const count = /^post|^create/.test(verb) ? added : actors[1] ? people : 1;
  const found = template(`${verb}-${count}`) ?? template(verb);
  if (!found || !actors[0]) return null;
  const more = {
    activities,
    actors,
    shown: activities.slice(0, SHOWN),
    hidden: activities.slice(SHOWN),
    other_actor_count: people - 2,
    more_count: added - activities.length,
  };
  return Object.assign(fill(found, { ...item, ...more }), { id: item.group ?? item.id });
}
