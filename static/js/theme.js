// Sets the remembered theme before the first paint. A classic script on purpose: a module would come too late.
(function () {
  var root = document.documentElement;
  var stored = null;
  try { stored = localStorage.getItem("followthrough.theme"); } catch { /* storage is off: follow the system */ }
  root.classList.add("js");
  if (stored === "light" || stored === "dark") root.dataset.theme = stored;
})();
