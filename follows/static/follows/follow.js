// Follow buttons change in place: all forms and counts of a thing, and a spoken word.
const status = document.querySelector("[data-follow-status]");

const all = (name, target) => document.querySelectorAll(`[data-${name}="${target}"]`);

function show(target, answer) {
  for (const form of all("follow", target)) {
    form.action = answer.action;
    form.querySelector("[data-follow-label]").textContent = answer.label;
    const button = form.querySelector("button");
    button.classList.toggle("btn-primary", !answer.following);
    button.classList.toggle("btn-outline-primary", answer.following);
  }
  for (const count of all("follow-count", target)) count.textContent = answer.count;
  if (status) status.textContent = answer.message;
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-follow]");
  if (!form || form.dataset.plain) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    });
    if (!response.ok || response.redirected) throw new Error(`follow: ${response.status}`);
    show(form.dataset.follow, await response.json());
  } catch {
    // Its own page says what is wrong.
    form.dataset.plain = "true";
    form.submit();
  } finally {
    form.removeAttribute("aria-busy");
  }
});
