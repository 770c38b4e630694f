// A picture that does not load gives way to the initials beneath it.
document.addEventListener(
  "error",
  (event) => event.target.classList?.contains("avatar-picture") && event.target.remove(),
  true,
);
