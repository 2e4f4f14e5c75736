// Small manners of every page: focus what asks for it, open dialogs, close menus, let messages be dismissed.
const GOOD_NEWS_MS = 10000;

function addDismiss(message) {
  if (message.querySelector("[data-dismiss]")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet small";
  button.dataset.dismiss = "";
  button.textContent = "Dismiss";
  message.append(button);
  // One in the flow of the page stays: without it everything below would move, under a finger too.
  const goes = message.classList.contains("good") && message.closest(".floating");
  if (goes) setTimeout(() => { if (!message.matches(":hover, :focus-within")) message.remove(); }, GOOD_NEWS_MS);
}

function watchMessages() {
  for (const region of document.querySelectorAll(".status")) {
    const dress = () => region.querySelectorAll(".message").forEach(addDismiss);
    dress();
    new MutationObserver((changes) => {
      if (changes.some((change) => change.addedNodes.length)) region.classList.add("floating");
      dress();
    }).observe(region, { childList: true });
  }
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(except)) menu.open = false;
}

export function say(text, kind = "info") {
  const region = document.getElementById(kind === "bad" ? "status-urgent" : "status");
  const message = document.createElement("div");
  message.className = `message ${kind}`;
  message.append(Object.assign(document.createElement("p"), { textContent: text }));
  region?.replaceChildren(message);
}

export function startPage() {
  document.querySelector("[data-focus]")?.focus();
  watchMessages();
  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss]")?.closest(".message").remove();
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();
    closeMenus(event.target);
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });
}
