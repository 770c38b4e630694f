// Feeds go on as one scrolls: each [data-feed] list reads further pages straight from Stream.
import { build, dateOf } from "./activity.js";

class Feed {
  constructor(root) {
    this.root = root;
    this.list = root.querySelector("[data-feed-list]");
    this.older = root.dataset.older;
    this.token = root.dataset.token;
    this.since = root.dataset.since && new Date(root.dataset.since);
    this.names = new Set([...this.list.children].map((item) => this.nameOf(item)));
    this.show("more", false);
    root.querySelector("[data-feed-retry]").addEventListener("click", () => this.load());
    this.observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && this.load(),
      { rootMargin: "400px" },
    );
    if (root.dataset.deferred) this.load();
    else this.rest();
  }

  // A group keeps its name when it moves, an activity its id.
  nameOf(item) {
    return item.dataset.group ?? item.dataset.id;
  }

  // Wait until the end comes near, or say that there is no more.
  rest() {
    this.show("end", !this.older && this.names.size > 0);
    this.show("empty", !this.older && this.names.size === 0);
    if (this.older) this.observer.observe(this.root.querySelector("[data-feed-sentinel]"));
  }

  async load() {
    this.observer.disconnect();
    this.show("error", false);
    this.show("loading", true);
    try {
      const { results, next } = await this.read(this.older ? { id_lt: this.older } : {});
      if (!this.older && this.root.dataset.poll) this.root.dataset.newest = results[0]?.id ?? "";
      this.append(results);
      this.older = next ? results.at(-1)?.id : "";
      this.rest();
      this.root.dataset.loaded = "true";
      this.root.dispatchEvent(new CustomEvent("feed:loaded"));
    } catch {
      this.show("error", true);
    } finally {
      this.show("loading", false);
    }
  }

  async read(bounds) {
    let response = await this.request(bounds);
    if (response.status === 401 || response.status === 403) {
      this.token = (await (await fetch(this.root.dataset.tokenUrl)).json()).token;
      response = await this.request(bounds);
    }
    if (!response.ok) throw new Error(`feed: ${response.status}`);
    return response.json();
  }

  request(bounds) {
    const { url, apiKey, limit } = this.root.dataset;
    const query = new URLSearchParams({ api_key: apiKey, limit, ...bounds });
    const headers = { Authorization: this.token, "stream-auth-type": "jwt" };
    return fetch(`${url}?${query}`, { headers, credentials: "omit" });
  }

  append(results) {
    for (const item of results) {
      if (this.names.has(item.group ?? item.id)) continue;
      const element = build(this.root, item);
      if (!element) continue;
      if (this.since && dateOf(item.updated_at) <= this.since) this.drawLine();
      this.names.add(item.group ?? item.id);
      this.list.append(element);
    }
  }

  // Once, above the first that was there at the last visit, if what stands above it is new.
  drawLine() {
    const above = this.list.lastElementChild?.querySelector("time");
    if (above && new Date(above.dateTime) > this.since) {
      this.list.append(this.root.querySelector("[data-feed-line]").content.cloneNode(true));
    }
    this.since = null;
  }

  show(part, visible) {
    const element = this.root.querySelector(`[data-feed-${part}]`);
    if (element) element.hidden = !visible;
  }
}

const feeds = new Map([...document.querySelectorAll("[data-feed]")].map((root) => [root, new Feed(root)]));

// For what watches a feed besides (news.js).
export const feedOf = (root) => feeds.get(root);

for (const time of document.querySelectorAll("[data-since-time]")) {
  const then = new Date(time.dateTime);
  const lately = Date.now() - then < 5e8 && { weekday: "long", hour: "2-digit", minute: "2-digit" };
  const style = lately || { dateStyle: "long", timeStyle: "short" };
  time.textContent = then.toLocaleString(document.documentElement.lang, style);
}
