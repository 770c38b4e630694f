// The form of a message: counts the characters left, sends with Ctrl+Enter (Cmd+Enter on a Mac), and sends
// only once.
const messageForm = document.querySelector("[data-write]");

// Screen readers announce every fifth number when few characters are left: each one would drown what is typed.
const FEW_LEFT = 20;
const ANNOUNCED_STEP = 5;

// After this time (in ms) the form can be sent again, for whoever stopped the browser or came back.
const SEND_AGAIN = 5000;

function setUpCounter(field, counter) {
  const { left, over } = counter.dataset;

  function count() {
    // As the server counts: characters, not UTF-16 units, without the space around them.
    const characters = [...field.value.trim()];
    const rest = field.dataset.limit - characters.length;
    const isAnnounced = rest <= FEW_LEFT && rest % ANNOUNCED_STEP === 0;
    const isTooLong = rest < 0;
    counter.ariaLive = isAnnounced ? "polite" : "off";
    counter.textContent = isTooLong ? `${over}: ${-rest}` : `${left}: ${rest}`;
    counter.classList.toggle("text-danger-emphasis", isTooLong);
  }

  field.addEventListener("input", count);
  count();
}

function setUpShortcut(form, field) {
  field.addEventListener("keydown", (event) => {
    const hasModifier = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && hasModifier) form.requestSubmit();
  });
  form.querySelector("[data-shortcut]").hidden = false;
}

function sendOnce(form) {
  let isSent = false;

  form.addEventListener("submit", (event) => {
    if (isSent) event.preventDefault();
    isSent = true;
    setTimeout(() => {
      isSent = false;
    }, SEND_AGAIN);
  });
}

// The page has no form where no message can be sent.
if (messageForm) {
  const field = messageForm.querySelector("textarea");
  setUpCounter(field, messageForm.querySelector("[data-counter]"));
  setUpShortcut(messageForm, field);
  sendOnce(messageForm);
}
