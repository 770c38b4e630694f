// Fills the slots of a template with the fields of an activity or a group, as the server does.

// "actor.data.name" of { actor: { data: { name } } }.
const value = (item, path) => path.split(".").reduce((part, name) => part?.[name], item) ?? "";

// "/users/{actor.data.username}/" with each braced path filled in.
const address = (item, pattern) =>
  pattern.startsWith("{")
    ? value(item, pattern.slice(1, -1))
    : pattern.replace(/\{([^}]+)\}/g, (_, path) => encodeURIComponent(value(item, path)));

// Only what a link may be: an address of this site, or http(s).
const isSafe = (text) => /^(https?:\/\/|\/(?!\/))/i.test(text);

const hostOf = (text) => (URL.canParse(text) ? new URL(text).hostname.replace(/^www\./, "") : "");

const initials = (name) =>
  String(name).trim().split(/\s+/).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();

const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
const UNITS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

// A time of Stream's is UTC without saying so.
export const dateOf = (text) => new Date(`${String(text).replace(/Z$/, "")}Z`);

function ago(date) {
  const seconds = Math.min(0, (date - Date.now()) / 1000);
  const [unit, size] = UNITS.find(([, length]) => -seconds >= length) ?? UNITS.at(-1);
  return relative.format(Math.trunc(seconds / size), unit);
}

const FILLERS = {
  field: (element, text) => { element.textContent = text; },
  initials: (element, text) => { element.textContent = initials(text); },
  host: (element, text) => { element.textContent = hostOf(text); },
  value: (element, text) => { element.value = text; },
  id: (element, text) => { element.dataset.id = text; },
  group: (element, text) => { element.dataset.group = text; },
  unread: (element, read) => { element.classList.toggle("unread", read === false); },
  unless: (element, done) => { if (done) element.remove(); },
  optional: (element, text) => { if (!text) element.remove(); },
  time: (element, text) => {
    const date = dateOf(text);
    element.dateTime = date.toISOString();
    element.title = date.toLocaleString(document.documentElement.lang);
    element.textContent = ago(date);
  },
};

function isWhole(activity) {
  return [activity.actor, activity.object].every((part) => part && typeof part === "object" && !part.error);
}

function fill(fragment, item) {
  for (const [name, filler] of Object.entries(FILLERS)) {
    for (const element of fragment.querySelectorAll(`[data-fill-${name}]`)) {
      filler(element, value(item, element.getAttribute(`data-fill-${name}`)));
    }
  }
  for (const attribute of ["href", "src"]) {
    for (const element of fragment.querySelectorAll(`[data-fill-${attribute}]`)) {
      const text = address(item, element.getAttribute(`data-fill-${attribute}`));
      if (isSafe(text)) element.setAttribute(attribute, text);
      else if (attribute === "src") element.remove();
    }
  }
  return fragment;
}

const clone = (root, kind, name) =>
  root.querySelector(`template[data-${kind}="${CSS.escape(name)}"]`)?.content.cloneNode(true);

const FORMS = ["one", "two", "three"];
const SHOWN = 2;

// What a group says beyond its fields; feeds.readers.ActivityGroup says the same on the server.
function describe(group) {
  const activities = group.activities.filter(isWhole);
  const actors = [...new Map(activities.map(({ actor }) => [actor.id, actor])).values()];
  const byActor = group.verb.startsWith("follow");
  const count = byActor ? (actors.length > 1 ? group.actor_count : 1) : group.activity_count;
  const form = byActor ? FORMS[count - 1] ?? "many" : count === 1 ? "one" : "many";
  return {
    ...group, activities, actors, form,
    shown: activities.slice(0, SHOWN),
    hidden: activities.slice(SHOWN),
    hidden_count: Math.max(0, activities.length - SHOWN),
    other_actor_count: group.actor_count - 2,
    more_count: group.activity_count - activities.length,
  };
}

function buildGroup(root, sent) {
  const group = describe(sent);
  const fragment = group.activities.length && clone(root, "group", `${group.verb} ${group.form}`);
  if (!fragment) return null;
  fill(fragment, group);
  for (const rows of fragment.querySelectorAll("[data-fill-rows]")) {
    for (const activity of group[rows.dataset.fillRows]) {
      const row = clone(root, "row", group.verb);
      if (row) rows.append(fill(row, activity));
    }
  }
  return fragment;
}

// The element that shows an activity or a group of `root`'s feed, or null for nothing to show.
export function build(root, item) {
  if ("activity_count" in item) return buildGroup(root, item);
  const fragment = isWhole(item) && clone(root, "verb", item.verb);
  return fragment ? fill(fragment, item) : null;
}
