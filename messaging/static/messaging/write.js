// Counts what is left to write, sends with Ctrl+Enter (Cmd+Enter on a Mac), and sends once.
const form = document.querySelector("[data-write]");

function prepare(form) {
  const field = form.querySelector("textarea");
  const counter = form.querySelector("[data-counter]");
  const { left, over } = counter.dataset;
  let sent = false;

  function count() {
    // As the server counts: characters rather than UTF-16 units, without the space around them.
    const rest = field.dataset.limit - [...field.value.trim()].length;
    // Now and then, for who hears it: with every key it would drown what is typed.
    counter.ariaLive = rest <= 20 && rest % 5 === 0 ? "polite" : "off";
    counter.textContent = rest < 0 ? `${over}: ${-rest}` : `${left}: ${rest}`;
    counter.classList.toggle("text-danger-emphasis", rest < 0);
  }

  field.addEventListener("input", count);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
    // Whoever stopped the browser, or came back to this page, may send again.
    setTimeout(() => {
      sent = false;
    }, 5000);
  });
  form.querySelector("[data-shortcut]").hidden = false;
  count();
}

if (form) prepare(form);
