// Keeps "3 minutes ago" true and lets clocks run. Only texts that the server wrote as relative are touched.
// The same words as tracker/words.py, so that nothing changes when the page has loaded.
// From how many seconds on each unit is used, and how many it has.
const DAY = 86400;
const UNITS = [[365 * DAY, 365 * DAY, "year", "years"], [2 * DAY, DAY, "day", "days"], [3600, 3600, "h", "h"], [60, 60, "min", "min"]];
const RELATIVE = /\bago$|^in\b|^just now$/;

export function relative(seconds) {
  const size = Math.abs(seconds);
  if (size < 60) return seconds <= 0 ? "just now" : "in a moment";
  const [, length, one, many] = UNITS.find(([start]) => size >= start);
  const count = Math.floor(size / length);
  const words = `${count} ${count === 1 ? one : many}`;
  return seconds < 0 ? `${words} ago` : `in ${words}`;
}

export function span(seconds) {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  if (minutes < 1) return "under a minute";
  const days = Math.floor(minutes / 1440);
  const units = [[days, days === 1 ? "day" : "days"], [Math.floor((minutes % 1440) / 60), "h"], [minutes % 60, "min"]];
  return units.filter(([count]) => count).slice(0, 2).map(([count, unit]) => `${count} ${unit}`).join(" ");
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
