// Follow buttons and counts change in place.
addEventListener("submit", async (event) => {
  const form = event.target;
  const { follow } = form.dataset;
  if (!follow) return;
  event.preventDefault();
  const request = { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } };
  try {
    const { action, label, style, count, message } = await (await fetch(form.action, request)).json();
    for (const same of document.querySelectorAll(`[data-follow="${follow}"]`)) {
      same.action = action;
      same.querySelector("[data-follow-label]").textContent = label;
      same.querySelector("button").className = `btn btn-sm ${style}`;
    }
    for (const slot of document.querySelectorAll(`[data-follow-count="${follow}"]`)) slot.textContent = count;
    document.querySelector("[data-follow-status]").textContent = message;
  } catch {
    form.submit(); // a refusal is a page
  }
});
