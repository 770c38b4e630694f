// Opens the page of a [data-sheet] over this one, and sends its form in place.
const sheet = document.getElementById("sheet");
const place = sheet.querySelector("div");

async function show(address, request) {
  const response = await fetch(address, { headers: { "X-Requested-With": "sheet" }, ...request });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  place.replaceChildren(document.adoptNode(page.querySelector("[data-sheet-part]")));
  // Opening puts the focus inside.
  sheet.close();
  sheet.showModal();
}

addEventListener("click", (event) => {
  const link = event.target.closest("[data-sheet]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  show(link.href).catch(() => location.assign(link.href));
});

sheet.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  event.preventDefault();
  event.submitter.disabled = true;
  show(form.action, { method: "POST", body: new FormData(form) }).catch(() => form.submit());
});
