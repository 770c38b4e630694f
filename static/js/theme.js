// Light or dark as the system says, before the first paint.
const dark = matchMedia("(prefers-color-scheme: dark)");
const apply = () => (document.documentElement.dataset.bsTheme = dark.matches ? "dark" : "light");
apply();
dark.addEventListener("change", apply);
