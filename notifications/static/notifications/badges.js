// Shows numbers in badges and in the title of the page. Screen readers announce numbers that grow.
const { title } = document;
const badges = [...document.querySelectorAll("[data-notification]")];
const status = document.querySelector("[data-notification-status]");

function showTotal() {
  const total = badges.reduce((sum, badge) => sum + Number(badge.textContent), 0);
  document.title = total ? `(${total}) ${title}` : title;
}

function show(badge, number) {
  const { label } = badge.dataset;
  // A badge without a number is not known yet: its first number is no growth.
  const isKnown = badge.textContent !== "";
  if (isKnown && number > Number(badge.textContent)) status.textContent = `${label}: ${number}`;
  badge.textContent = number;
  badge.hidden = !number;
  showTotal();
}

for (const badge of badges) {
  const { notification } = badge.dataset;
  document.addEventListener(`notification:${notification}`, ({ detail }) => show(badge, detail.data));
}
