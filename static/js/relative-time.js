// Keeps "3 minutes ago" true and lets clocks run. Only texts that the server wrote as relative are touched.
const UNITS = [["year", 31557600], ["month", 2629800], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];
const RELATIVE = /\bago$|^in\b|^just now$|^yesterday$|^tomorrow$/;

export function relative(seconds) {
  const size = Math.abs(seconds);
  if (size < 45) return "just now";
  const [unit, length] = UNITS.find(([, s]) => size >= s) || UNITS.at(-1);
  const count = Math.max(1, Math.floor(size / length));
  const words = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return seconds < 0 ? `${words} ago` : `in ${words}`;
}

export function span(seconds) {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 2880) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(minutes / 1440)} days`;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function refreshTimes(now) {
  for (const time of document.querySelectorAll("time[datetime]")) {
    if (time.closest("[data-since], [data-until]") || !RELATIVE.test(time.textContent.trim())) continue;
    const at = Date.parse(time.dateTime);
    if (Number.isFinite(at) && time.dateTime.includes("T")) write(time, relative((at - now) / 1000));
  }
}

function refreshClocks(now) {
  for (const clock of document.querySelectorAll("[data-since]")) {
    const at = Date.parse(clock.dataset.since);
    if (Number.isFinite(at)) write(clock, span((now - at) / 1000));
  }
  for (const clock of document.querySelectorAll("[data-until]")) {
    const left = (Date.parse(clock.dataset.until) - now) / 1000;
    if (!Number.isFinite(left)) continue;
    clock.classList.toggle("past", left < 0);
    write(clock, left < 0 ? `${span(left)} overdue` : `in ${span(left)}`);
  }
}

export function startTimes() {
  const refresh = () => { const now = Date.now(); refreshTimes(now); refreshClocks(now); };
  refresh();
  setInterval(refresh, 15000);
  document.addEventListener("htmx:load", refresh);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
}
