// Fills in a form from the page that its link leads to. Nothing waits for that: what is not found can be
// typed, and what was typed is left alone.
const status = document.querySelector("[data-preview]");
const form = status.closest("form");
const { url, title, description, picture, without_picture: without } = form.elements;
const shown = form.querySelector("[data-preview-picture]");

const filled = new Map();
let asked = status.dataset.asked || (picture.value && url.value.trim());

async function find() {
  const response = await fetch(status.dataset.preview, {
    method: "POST",
    body: new FormData(form),
    redirect: "error",
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(response.status);
  return response.json();
}

function fill(input, text) {
  if (!text || (input.value && input.value !== filled.get(input))) return;
  input.value = text;
  filled.set(input, text);
}

function show({ picture: key = "", image }) {
  picture.value = key;
  without.checked = false;
  shown.hidden = !key;
  if (key) shown.querySelector("img").src = image;
}

async function look() {
  const address = url.value.trim();
  if (!address || address === asked) return;
  asked = address;
  status.textContent = status.dataset.looking;
  const found = await find().catch(() => ({}));
  // Another link may have been pasted meanwhile.
  if (address !== asked) return;
  fill(title, found.title);
  fill(description, found.description);
  show(found);
  status.textContent = found.title ? status.dataset.found : status.dataset.nothing;
}

url.addEventListener("paste", () => setTimeout(look));
url.addEventListener("change", look);
look();
