// Fills the slots of an element that was rendered without data.
//
// A slot has data-fill-… attributes: the name says how it is filled, the value where the data is in
// an item, as in data-fill-text="object.data.name".

export const language = document.documentElement.lang;

const TINT_COUNT = 6;
// What stands in an address for a key, between slashes or in a query.
const GAP = /(?<=[/=])0(?=\/|$)/;
// An address of the web, or a path of this site: never a script.
const SAFE_ADDRESS = /^(https?:\/\/|\/(?!\/))/i;
const FIRST_LETTER = /(?<!\S)\S/gu;

const SECONDS_PER_UNIT = {
  year: 31_536_000,
  month: 2_592_000,
  week: 604_800,
  day: 86_400,
  hour: 3_600,
  minute: 60,
  second: 1,
};
const relativeTime = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

function timeAgo(date) {
  const seconds = Math.max(1, (Date.now() - date) / 1000);
  const unit = Object.keys(SECONDS_PER_UNIT).find((name) => seconds >= SECONDS_PER_UNIT[name]);
  return relativeTime.format(-Math.floor(seconds / SECONDS_PER_UNIT[unit]), unit);
}

const FILLERS = {
  fillText(slot, text) {
    slot.textContent = text;
  },

  fillValue(slot, text) {
    slot.value = text;
  },

  fillInitials(slot, name) {
    const letters = name.match(FIRST_LETTER) ?? [];
    slot.textContent = letters.slice(0, 2).join("").toUpperCase();
  },

  fillHost(slot, address) {
    if (URL.canParse(address)) {
      slot.textContent = new URL(address).hostname.replace(/^www\./, "");
    }
  },

  fillAddress(slot, address) {
    if (SAFE_ADDRESS.test(address)) slot.setAttribute("src" in slot ? "src" : "href", address);
  },

  // A foreign id ("app.Model:7") stands for its key.
  fillGap(slot, id) {
    const key = encodeURIComponent(String(id).split(":").pop());
    slot.setAttribute("href", slot.getAttribute("href").replace(GAP, key));
  },

  fillTint(slot, id) {
    slot.classList.add(`tint-${id % TINT_COUNT}`);
  },

  fillUnless(slot, isDone) {
    if (isDone) slot.remove();
  },

  fillOptional(slot, value) {
    if (!value) slot.remove();
  },

  fillTime(slot, text) {
    // Stream's times are in UTC, mostly without a zone.
    const date = new Date(text.replace(/Z?$/, "Z"));
    slot.dateTime = date.toISOString();
    slot.title = date.toLocaleString(language);
    slot.textContent = timeAgo(date);
  },

  // Each row may have slots of its own.
  fillRows(slot, activities) {
    for (const activity of activities) slot.append(fill(template(`${activity.verb}-row`), activity));
  },
};

function valueAt(path, item) {
  return path.split(".").reduce((part, name) => part?.[name], item) ?? "";
}

// Templates are rendered into the page for each verb of its feed.
export function template(name) {
  return document.getElementById(`feed-${name}`);
}

export function fill(source, item) {
  const element = document.importNode(source.content.firstElementChild, true);
  for (const slot of [element, ...element.querySelectorAll("*")]) {
    for (const [name, path] of Object.entries(slot.dataset)) {
      FILLERS[name]?.(slot, valueAt(path, item));
    }
  }
  return element;
}
