// Fills in the form of a link from the page that the link leads to. Nothing waits for the preview, and it
// never replaces what somebody typed.
const TIMEOUT = 10_000;

const status = document.querySelector("[data-preview]");
const form = status.closest("form");
const { url, title, description, picture, without_picture: withoutPicture } = form.elements;
const pictureBox = form.querySelector("[data-preview-picture]");
const messages = status.dataset;

// The text that a preview put into each field: this alone may be replaced by the next one.
const filled = new Map();

// No preview is needed for the address of a saved link, nor after errors if the form has its picture.
let previewedUrl = messages.asked;
if (!previewedUrl && picture.value) previewedUrl = url.value.trim();

async function fetchPreview() {
  const response = await fetch(messages.preview, {
    method: "POST",
    body: new FormData(form),
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT),
  });
  if (!response.ok) throw new Error(`the preview returned ${response.status}`);
  return response.json();
}

function fill(field, text) {
  const isTyped = field.value && field.value !== filled.get(field);
  if (!text || isTyped) return;
  field.value = text;
  filled.set(field, text);
}

function showPicture(key, image) {
  picture.value = key;
  withoutPicture.checked = false;
  pictureBox.hidden = !key;
  if (key) pictureBox.querySelector("img").src = image;
}

async function preview() {
  const address = url.value.trim();
  if (!address || address === previewedUrl) return;
  previewedUrl = address;
  status.textContent = messages.looking;
  const page = await fetchPreview().catch(() => ({}));
  // Another address may have been entered meanwhile.
  if (address !== previewedUrl) return;
  fill(title, page.title);
  fill(description, page.description);
  showPicture(page.picture ?? "", page.image);
  status.textContent = page.title ? messages.found : messages.nothing;
}

// A paste event comes before the field has the pasted text.
url.addEventListener("paste", () => setTimeout(preview));
url.addEventListener("change", preview);
preview();
