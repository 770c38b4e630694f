// Shows numbers in each [data-notification] and in the title, and tells screen readers when they grow.
const title = document.title;
const badges = [...document.querySelectorAll("[data-notification]")];

function showTotal() {
  const total = badges.reduce((sum, badge) => sum + Number(badge.textContent), 0);
  document.title = total ? `(${total}) ${title}` : title;
}

for (const badge of badges) {
  const { notification, label } = badge.dataset;
  document.addEventListener(`notification:${notification}`, ({ detail: { data } }) => {
    const status = document.querySelector("[data-notification-status]");
    if (data > badge.textContent) status.textContent = `${label}: ${data}`;
    badge.textContent = data;
    badge.hidden = !data;
    showTotal();
  });
}
showTotal();
