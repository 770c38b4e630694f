// Follow buttons and counts change in place.
async function send(form) {
  const response = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "application/json" },
  });
  return response.json();
}

function updateForm(form, { action, label, style }) {
  form.action = action;
  form.querySelector("[data-follow-label]").textContent = label;
  form.querySelector("button").className = `btn btn-sm ${style}`;
}

// A page may show several buttons and counts of the same person or collection.
function update(target, state) {
  for (const form of document.querySelectorAll(`[data-follow="${target}"]`)) updateForm(form, state);
  const counts = document.querySelectorAll(`[data-follow-count="${target}"]`);
  for (const count of counts) count.textContent = state.count;
  document.querySelector("[data-follow-status]").textContent = state.message;
}

addEventListener("submit", async (event) => {
  const form = event.target;
  const { follow: target } = form.dataset;
  if (!target) return;
  event.preventDefault();
  try {
    update(target, await send(form));
  } catch {
    // A refusal is a page, not JSON: submit the form to show it.
    form.submit();
  }
});
