// The switch for light, dark and "as the system does". theme.js applies the remembered choice on the next page.
const KEY = "followthrough.theme";

function remembered() {
  try { return localStorage.getItem(KEY) || "system"; } catch { return "system"; }
}

function remember(choice) {
  try { localStorage.setItem(KEY, choice); } catch { /* storage is off: the choice holds for this page */ }
}

function apply(choice) {
  if (choice === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
  }
  document.dispatchEvent(new CustomEvent("themechange", { detail: choice }));
}

export function startTheme() {
  apply(remembered());
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    remember(button.dataset.themeChoice);
    apply(button.dataset.themeChoice);
  });
  window.addEventListener("storage", (event) => { if (event.key === KEY) apply(remembered()); });
}
