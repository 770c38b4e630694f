// Light or dark as the system says, before the first paint, so that nothing flashes.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const apply = () => (document.documentElement.dataset.bsTheme = dark.matches ? "dark" : "light");
apply();
dark.addEventListener("change", apply);
