// Fills the slots of a template with the fields of an activity, as the server's partial does.

// "actor.data.name" of { actor: { data: { name } } }.
const value = (activity, path) => path.split(".").reduce((part, name) => part?.[name], activity) ?? "";

// "/users/{actor.data.username}/" with each braced path filled in.
const address = (activity, pattern) =>
  pattern.startsWith("{")
    ? value(activity, pattern.slice(1, -1))
    : pattern.replace(/\{([^}]+)\}/g, (_, path) => encodeURIComponent(value(activity, path)));

// Only what a link may be: an address of this site, or http(s).
const isSafe = (text) => /^(https?:\/\/|\/(?!\/))/i.test(text);

const hostOf = (text) => (URL.canParse(text) ? new URL(text).hostname.replace(/^www\./, "") : "");

const initials = (name) =>
  String(name).trim().split(/\s+/).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();

const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
const UNITS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

function ago(date) {
  const seconds = Math.min(0, (date - Date.now()) / 1000);
  const [unit, size] = UNITS.find(([, length]) => -seconds >= length) ?? UNITS.at(-1);
  return relative.format(Math.trunc(seconds / size), unit);
}

const FILLERS = {
  field: (element, text) => { element.textContent = text; },
  initials: (element, text) => { element.textContent = initials(text); },
  host: (element, text) => { element.textContent = hostOf(text); },
  id: (element, text) => { element.dataset.id = text; },
  time: (element, text) => {
    const date = new Date(`${String(text).replace(/Z$/, "")}Z`);
    element.dateTime = date.toISOString();
    element.title = date.toLocaleString(document.documentElement.lang);
    element.textContent = ago(date);
  },
};

export function isWhole(activity) {
  return [activity.actor, activity.object].every((part) => part && typeof part === "object" && !part.error);
}

export function fill(fragment, activity) {
  for (const [name, filler] of Object.entries(FILLERS)) {
    for (const element of fragment.querySelectorAll(`[data-fill-${name}]`)) {
      filler(element, value(activity, element.getAttribute(`data-fill-${name}`)));
    }
  }
  for (const attribute of ["href", "src"]) {
    for (const element of fragment.querySelectorAll(`[data-fill-${attribute}]`)) {
      const text = address(activity, element.getAttribute(`data-fill-${attribute}`));
      if (isSafe(text)) element.setAttribute(attribute, text);
      else if (attribute === "src") element.remove();
    }
  }
  for (const element of fragment.querySelectorAll("[data-fill-optional]")) {
    if (!value(activity, element.getAttribute("data-fill-optional"))) element.remove();
  }
  return fragment;
}
