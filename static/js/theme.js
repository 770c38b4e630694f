// Light or dark before the first paint.
const { dataset, style } = document.documentElement;
const bar = document.querySelector("[name=theme-color]");
const system = matchMedia("(prefers-color-scheme: dark)");
const preferred = () => (system.matches ? "dark" : "light");

function show() {
  dataset.bsTheme = style.colorScheme = localStorage.theme || preferred();
  bar.content = bar.dataset[dataset.bsTheme];
}

addEventListener("click", ({ target }) => {
  if (!target.closest("[data-theme-switch]")) return;
  const other = dataset.bsTheme === "dark" ? "light" : "dark";
  localStorage.theme = other === preferred() ? "" : other;
  show();
});
system.onchange = onstorage = onpageshow = show;
show();
