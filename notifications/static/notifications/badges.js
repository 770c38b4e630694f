// Shows numbers in badges and the title; tells screen readers when they grow.
const title = document.title;
const badges = [...document.querySelectorAll("[data-notification]")];
const status = document.querySelector("[data-notification-status]");

function show(badge, number) {
  if (badge.textContent && number > badge.textContent) status.textContent = `${badge.dataset.label}: ${number}`;
  badge.textContent = number;
  badge.hidden = !number;
  const total = badges.reduce((sum, { textContent }) => sum + Number(textContent), 0);
  document.title = total ? `(${total}) ${title}` : title;
}

for (const badge of badges) {
  document.addEventListener(`notification:${badge.dataset.notification}`, ({ detail }) => show(badge, detail.data));
}
