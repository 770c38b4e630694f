// Says of a link that is about to be added where it is already.
const place = document.querySelector("[data-where]");
const { url } = place.closest("form").elements;

function line({ name, author, address }, text) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = address;
  link.textContent = text.replace("{name}", name).replace("{author}", author);
  item.append(link);
  return item;
}

async function look() {
  const asked = url.value.trim();
  place.replaceChildren();
  if (!/^https?:\/\//i.test(asked)) return;
  const response = await fetch(`${place.dataset.where}?${new URLSearchParams({ url: asked })}`);
  if (!response.ok || asked !== url.value.trim()) return;
  const { mine, followed } = await response.json();
  place.replaceChildren(
    ...mine.map((found) => line(found, place.dataset.mine)),
    ...followed.map((found) => line(found, place.dataset.followed)),
  );
}

const quietly = () => look().catch(() => {});
url.addEventListener("paste", () => setTimeout(quietly));
url.addEventListener("change", quietly);
quietly();
