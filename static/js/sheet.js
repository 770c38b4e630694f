// Opens the page of a [data-sheet] link in a dialog, and submits the page's form there.
const sheet = document.getElementById("sheet");
const content = sheet.querySelector("[data-sheet-place]");

async function show(url, options) {
  const response = await fetch(url, { headers: { "X-Requested-With": "sheet" }, ...options });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const part = page.querySelector("[data-sheet-part]");
  content.replaceChildren(document.adoptNode(part));
  // Opening moves the focus into the dialog, so a second page opens it again.
  sheet.close();
  sheet.showModal();
}

addEventListener("click", (event) => {
  const link = event.target.closest("[data-sheet]");
  const opensTab = event.ctrlKey || event.metaKey;
  if (!link || opensTab) return;
  event.preventDefault();
  show(link.href).catch(() => location.assign(link.href));
});

sheet.addEventListener("submit", (event) => {
  const form = event.target;
  // The form of the close button has the method "dialog".
  if (form.method !== "post") return;
  event.preventDefault();
  event.submitter.disabled = true;
  const options = { method: "POST", body: new FormData(form) };
  show(form.action, options).catch(() => form.submit());
});
