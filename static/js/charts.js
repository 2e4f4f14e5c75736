// Draws each chart from the table behind it. The table stays: it says the same, and alone it says all.

const TONES = ["--accent-fill", "--warn"];

function color(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function read(table, columns) {
  const heads = [...table.querySelectorAll("thead th")];
  const marked = heads.map((head, at) => ({ name: head.textContent, at, isDrawn: "series" in head.dataset })).filter((head) => head.isDrawn);
  const wanted = columns ? columns.split(" ").map((number) => marked[Number(number)]) : marked;
  const rows = [...table.querySelectorAll("tbody tr")];
  const labels = rows.map((row) => row.cells[0].textContent.trim());
  return { labels, series: wanted.map(({ name, at }) => ({ name, numbers: rows.map((row) => Number(row.cells[at].dataset.value)) })) };
}

function draw(figure) {
  const { labels, series } = read(document.getElementById(figure.dataset.table), figure.dataset.columns);
  const [ink, line] = [color("--muted"), color("--line")];
  const isLying = "lying" in figure.dataset;
  const ticks = { color: ink, precision: 0 };
  const scale = { ticks, grid: { color: line } };
  figure.hidden = false;
  return new window.Chart(figure.querySelector("canvas"), {
    type: figure.dataset.chart,
    data: {
      labels,
      datasets: series.map(({ name, numbers }, at) => ({ label: name, data: numbers, backgroundColor: color(TONES[at]), borderRadius: 3, maxBarThickness: 28 })),
    },
    options: {
      animation: false,
      indexAxis: isLying ? "y" : "x",
      maintainAspectRatio: false,
      plugins: { legend: { display: series.length > 1, labels: { color: ink, boxWidth: 12 } } },
      scales: { x: { ...scale, beginAtZero: true }, y: { ...scale, beginAtZero: true } },
    },
  });
}

let charts = [];

function drawAll() {
  charts.forEach((chart) => chart.destroy());
  charts = [...document.querySelectorAll("figure[data-chart]")].map(draw);
}

if (window.Chart) {
  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  addEventListener("beforeprint", () => charts.forEach((chart) => chart.resize()));
}
