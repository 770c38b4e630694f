// Shows numbers: in each [data-notification], in the title, and to screen readers as they grow.
const title = document.title;
const badges = [...document.querySelectorAll("[data-notification]")];
const status = document.querySelector("[data-notification-status]");

function showTotal() {
  const total = badges.reduce((sum, badge) => sum + Number(badge.textContent), 0);
  document.title = total ? `(${total}) ${title}` : title;
}

for (const badge of badges) {
  document.addEventListener(`notification:${badge.dataset.notification}`, ({ detail: { data } }) => {
    if (data > Number(badge.textContent)) status.textContent = `${badge.dataset.label}: ${data}`;
    badge.textContent = data;
    badge.hidden = !data;
    showTotal();
  });
}
showTotal();
