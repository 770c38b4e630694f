// Sets the light or dark theme. Not a module, because modules run only after the first paint.
const root = document.documentElement;
const browserBar = document.querySelector("[name=theme-color]");
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

function systemTheme() {
  return systemIsDark.matches ? "dark" : "light";
}

function applyTheme() {
  const theme = localStorage.getItem("theme") || systemTheme();
  root.dataset.bsTheme = theme;
  root.style.colorScheme = theme;
  browserBar.content = browserBar.dataset[theme];
}

function switchTheme() {
  const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  // Whoever switches back to the system's theme follows the system again.
  localStorage.setItem("theme", theme === systemTheme() ? "" : theme);
  applyTheme();
}

addEventListener("click", ({ target }) => {
  if (target.closest("[data-theme-switch]")) switchTheme();
});
systemIsDark.addEventListener("change", applyTheme);
// Another tab has switched the theme.
addEventListener("storage", applyTheme);
// The browser's history shows a page as it was left.
addEventListener("pageshow", applyTheme);
applyTheme();
