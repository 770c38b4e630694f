// Follow buttons and counts change in place.
const all = (name, target) => document.querySelectorAll(`[data-${name}="${target}"]`);

function show(target, { action, label, style, count, message }) {
  for (const form of all("follow", target)) {
    form.action = action;
    form.querySelector("[data-follow-label]").textContent = label;
    form.querySelector("button").className = `btn btn-sm ${style}`;
  }
  for (const element of all("follow-count", target)) element.textContent = count;
  document.querySelector("[data-follow-status]").textContent = message;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.follow) return;
  event.preventDefault();
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
      redirect: "error",
    });
    show(form.dataset.follow, await response.json());
  } catch {
    form.submit(); // a refusal is no JSON but a page
  }
});
