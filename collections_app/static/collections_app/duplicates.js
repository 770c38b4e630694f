// Lists the collections that already have the address of a link that is about to be added.
const list = document.querySelector("[data-where]");
const { url } = list.closest("form").elements;
const WEB_ADDRESS = /^https?:\/\//i;

function buildItem({ name, author, address }, text) {
  const link = document.createElement("a");
  link.href = address;
  link.textContent = text.replace("{name}", name).replace("{author}", author);
  const item = document.createElement("li");
  item.append(link);
  return item;
}

async function lookUp() {
  const address = url.value.trim();
  list.replaceChildren();
  if (!WEB_ADDRESS.test(address)) return;
  const query = new URLSearchParams({ url: address });
  const response = await fetch(`${list.dataset.where}?${query}`);
  // Another address may have been entered meanwhile.
  const isOutdated = address !== url.value.trim();
  if (!response.ok || isOutdated) return;
  const { mine, followed } = await response.json();
  const ownItems = mine.map((collection) => buildItem(collection, list.dataset.mine));
  const followedItems = followed.map((collection) => buildItem(collection, list.dataset.followed));
  list.replaceChildren(...ownItems, ...followedItems);
}

// The form works without this list, so errors are not shown.
function lookUpQuietly() {
  lookUp().catch(() => {});
}

// A paste event comes before the field has the pasted text.
url.addEventListener("paste", () => setTimeout(lookUpQuietly));
url.addEventListener("change", lookUpQuietly);
lookUpQuietly();
