// Words that the server has not confirmed yet, kept in this browser, and the notice that gives them back.
// What one person wrote waits for that person, whoever signs in to this browser next.
export const placeOf = (kind, address) => `followthrough.${kind}:${document.documentElement.dataset.person}:${address}`;

const copyKey = (area) => placeOf("words", `${new URL(area.dataset.autosaveUrl, location.href).pathname}:${area.name}`);

export function keepCopy(area, version) {
  try { localStorage.setItem(copyKey(area), JSON.stringify({ text: area.value, version, at: Date.now() })); } catch { /* full or off */ }
}

export function findCopy(area) {
  try { return JSON.parse(localStorage.getItem(copyKey(area))); } catch { return null; }
}

export function dropCopy(area) {
  try { localStorage.removeItem(copyKey(area)); } catch { /* storage is off */ }
}

export function clockTime(ms) {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(ms);
}

export function notice(area, words, choices, quote) {
  const note = Object.assign(document.createElement("div"), { className: "message info" });
  note.setAttribute("role", "status");
  const body = Object.assign(document.createElement("div"), { className: "message-body" });
  body.append(Object.assign(document.createElement("p"), { textContent: words }));
  if (quote) body.append(Object.assign(document.createElement("pre"), { textContent: quote }));
  note.append(body);
  for (const [label, act] of choices) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "secondary small", textContent: label });
    button.addEventListener("click", () => { act(); note.remove(); area.focus(); });
    note.append(button);
  }
  area.before(note);
}
