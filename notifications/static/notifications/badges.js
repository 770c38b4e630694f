// Shows numbers in badges and the title; tells screen readers when they grow.
const { title } = document;
const badges = [...document.querySelectorAll("[data-notification]")];
const status = document.querySelector("[data-notification-status]");

for (const badge of badges) {
  const { label, notification } = badge.dataset;
  document.addEventListener(`notification:${notification}`, ({ detail: { data } }) => {
    if (badge.textContent && data > badge.textContent) status.textContent = `${label}: ${data}`;
    badge.textContent = data;
    badge.hidden = !data;
    const total = badges.reduce((sum, { textContent }) => sum + Number(textContent), 0);
    document.title = total ? `(${total}) ${title}` : title;
  });
}
