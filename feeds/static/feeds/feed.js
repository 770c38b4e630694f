// Feeds go on as one scrolls: each [data-feed] list reads further pages straight from Stream.
import { fill, isWhole } from "./activity.js";

class Feed {
  constructor(root) {
    this.root = root;
    this.list = root.querySelector("[data-feed-list]");
    this.older = root.dataset.older;
    this.token = root.dataset.token;
    this.seen = new Set([...this.list.children].map((item) => item.dataset.id));
    this.show("more", false);
    root.querySelector("[data-feed-retry]").addEventListener("click", () => this.load());
    this.observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && this.load(),
      { rootMargin: "400px" },
    );
    if (root.dataset.deferred) this.load();
    else this.rest();
  }

  // Wait until the end comes near, or say that there is no more.
  rest() {
    this.show("end", !this.older && this.seen.size > 0);
    this.show("empty", !this.older && this.seen.size === 0);
    if (this.older) this.observer.observe(this.root.querySelector("[data-feed-sentinel]"));
  }

  async load() {
    this.observer.disconnect();
    this.show("error", false);
    this.show("loading", true);
    try {
      this.add(await this.read());
      this.rest();
    } catch {
      this.show("error", true);
    } finally {
      this.show("loading", false);
    }
  }

  async read() {
    let response = await this.request();
    if (response.status === 401 || response.status === 403) {
      this.token = (await (await fetch(this.root.dataset.tokenUrl)).json()).token;
      response = await this.request();
    }
    if (!response.ok) throw new Error(`feed: ${response.status}`);
    return response.json();
  }

  request() {
    const { url, apiKey, limit } = this.root.dataset;
    const query = new URLSearchParams({ api_key: apiKey, limit });
    if (this.older) query.set("id_lt", this.older);
    const headers = { Authorization: this.token, "stream-auth-type": "jwt" };
    return fetch(`${url}?${query}`, { headers, credentials: "omit" });
  }

  add({ results, next }) {
    const templates = Object.fromEntries(
      [...this.root.querySelectorAll("template[data-verb]")].map((row) => [row.dataset.verb, row]),
    );
    for (const activity of results) {
      if (this.seen.has(activity.id) || !isWhole(activity) || !templates[activity.verb]) continue;
      this.seen.add(activity.id);
      this.list.append(fill(templates[activity.verb].content.cloneNode(true), activity));
    }
    this.older = next ? results.at(-1)?.id : "";
  }

  show(part, visible) {
    const element = this.root.querySelector(`[data-feed-${part}]`);
    if (element) element.hidden = !visible;
  }
}

document.querySelectorAll("[data-feed]").forEach((root) => new Feed(root));
