// Loads a [data-sheet] when pressed.
addEventListener("click", (event) => {
  const link = event.target.closest("[data-sheet]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  import(link.dataset.sheet).then(({ open }) => open(link), () => location.assign(link.href));
});
