// Opens the page of a link over this one, and sends its form in place.
const sheet = document.getElementById("sheet");
const place = sheet.querySelector("[data-sheet-place]");
const headers = { "X-Requested-With": "sheet" };

async function show(response) {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const part = page.querySelector("[data-sheet-part]");
  if (!part) throw new Error(response.status);
  place.replaceChildren(document.adoptNode(part));
  if (!sheet.open) sheet.showModal();
  place.querySelector("select, input:not([type=hidden]), a, button")?.focus();
}

export async function open(link) {
  try {
    await show(await fetch(link.href, { headers }));
  } catch {
    location.assign(link.href);
  }
}

sheet.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  event.preventDefault();
  try {
    await show(await fetch(form.action, { method: "POST", body: new FormData(form), headers }));
  } catch {
    form.submit();
  }
});
