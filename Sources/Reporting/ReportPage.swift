/// What every report's page has: its looks, and the scripts that draw its charts and sort its tables. Nothing is loaded from
/// elsewhere.
enum ReportPage {
    /// Colours that people with colour blindness can tell apart. Okabe and Ito, "Color Universal Design", 2008
    static let style = """
        :root { color-scheme: light dark; --ink: #1a1a1a; --dim: #5f6368; --paper: #fff; --line: #d9dce0; --card: #f6f7f9 }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e8e8e8; --dim: #a0a5ab; --paper: #14161a; --line: #33373d; --card: #1d2025 }
        }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto;
          max-width: 1100px; padding: 1.5rem }
        h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem } header p { color: var(--dim); margin: 0 }
        .figures { display: flex; flex-wrap: wrap; gap: 1rem; margin-top: 1.5rem }
        .figures div { background: var(--card); border-radius: 8px; padding: .8rem 1.1rem; min-width: 9rem }
        .figures b { display: block; font-size: 1.5rem; font-weight: 600 } .figures span { color: var(--dim) }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
        th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap }
        th:first-child, td:first-child { text-align: left; white-space: normal; overflow-wrap: anywhere }
        th { color: var(--dim); font-weight: 600 } .sortable th { cursor: pointer }
        th[aria-sort=descending]::after { content: " \\2193" } th[aria-sort=ascending]::after { content: " \\2191" }
        tfoot td { font-weight: 600; border-top: 2px solid var(--ink) } tr.idle td, tr.system td, tr.other td { color: var(--dim) }
        .wide { overflow-x: auto } svg { width: 100%; height: auto; display: block } svg text { fill: var(--dim); font-size: 11px }
        .legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem }
        .legend i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .4em }
        footer { color: var(--dim); margin-top: 3rem; font-size: .85rem }
        @media print { body { max-width: none; padding: 0 } .figures div { border: 1px solid var(--line) } section { break-inside: avoid } }
        """

    static let script = """
        "use strict";
        (() => {
        const report = JSON.parse(document.getElementById("data").textContent);
        const colours = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8c6bb1", "#b8b042"];
        const grey = { idle: "#9aa0a6", system: "#6b7280", other: "#b9bec5", unattributed: "#d05050", unrecorded: "#d08080", rest: "#c9a66b" };
        const round = v => { const a = Math.abs(v); return a === 0 ? "0" : v.toFixed(a < 1 ? 3 : a < 10 ? 2 : a < 100 ? 1 : 0); };
        const energy = uj => { const wh = uj / 3.6e9; return Math.abs(wh) < 999.5 ? round(wh) + " Wh" : round(wh / 1000) + " kWh"; };
        const element = (name, attributes, ...children) => {
          const svg = ["svg", "g", "rect", "line", "text", "title"].includes(name);
          const e = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
          for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
          e.append(...children);
          return e;
        };
        const figures = document.getElementById("figures");
        const total = report.total, joules = total.dynamicMicrojoules + total.staticMicrojoules;
        const figure = (value, name) => figures.append(element("div", {}, element("b", {}, value), element("span", {}, name)));
        figure(energy(joules), "energy of the node");
        if (report.measuredSeconds > 0) figure(round(joules / 1e6 / report.measuredSeconds) + " W", "mean power");
        if (total.emissionsMicrograms !== undefined) {
          const g = total.emissionsMicrograms / 1e6;
          figure(g < 999.5 ? round(g) + " g" : round(g / 1000) + " kg", "CO2e");
        }
        if (report.currency !== undefined && total.costNanos !== undefined) figure(round(total.costNanos / 1e9) + " " + report.currency, "cost of the energy");
        if (report.previous !== undefined) {
          const before = report.previous.dynamicMicrojoules + report.previous.staticMicrojoules;
          if (before > 0) figure((joules > before ? "+" : "") + round((joules / before - 1) * 100) + " %", "against the time before");
        }
        figure(round(100 * Math.min(1, report.measuredSeconds / (report.until - report.since))) + " %", "of the time recorded");

        // The largest rows by themselves, the others together; what is no workload's below them.
        const workloads = report.rows.filter(r => r.kind === "workload"), rest = workloads.slice(colours.length);
        const series = report.rows.filter(r => r.kind !== "workload").reverse();
        const sum = rows => rows.reduce((all, r) => r.steps.map((v, i) => v + (all[i] || 0)), []);
        if (rest.length > 0) series.push({ name: rest.length + " more", kind: "rest", steps: sum(rest) });
        series.push(...workloads.slice(0, colours.length).map((r, i) => ({ ...r, colour: colours[i] })).reverse());
        const colour = s => s.colour || grey[s.kind] || "#888";
        const steps = report.steps, chart = document.getElementById("chart");
        if (steps.length > 0) {
          const width = 1000, height = 300, left = 56, bottom = 24, end = report.until;
          // Mean power of a step: those that were recorded in part must not look small.
          const power = (s, i) => steps[i].seconds > 0 ? Math.max(0, s.steps[i]) / 1e6 / steps[i].seconds : 0;
          const tops = steps.map((_, i) => series.reduce((all, s) => all + power(s, i), 0)), top = Math.max(1e-9, ...tops) * 1.05;
          const x = t => left + (t - report.since) / (end - report.since) * (width - left);
          const y = w => 10 + (height - bottom - 10) * (1 - w / top);
          const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Mean power over time by " + report.dimension });
          for (let i = 0; i <= 4; i++) {
            const w = top * i / 4;
            svg.append(element("line", { x1: left, x2: width, y1: y(w), y2: y(w), stroke: "var(--line)" }),
              element("text", { x: left - 6, y: y(w) + 4, "text-anchor": "end" }, round(w) + " W"));
          }
          steps.forEach((step, i) => {
            const from = x(Math.max(step.start, report.since)), to = x(i + 1 < steps.length ? steps[i + 1].start : end);
            let sum = 0;
            for (const s of series) {
              const w = power(s, i);
              if (w <= 0) continue;
              const bar = element("rect", { x: from, width: Math.max(.5, to - from - 1), y: y(sum + w), height: y(sum) - y(sum + w), fill: colour(s) });
              bar.append(element("title", {}, `${new Date(step.start * 1000).toLocaleString()}\\n${s.name}: ${round(w)} W`));
              svg.append(bar);
              sum += w;
            }
          });
          const marks = Math.min(6, steps.length);
          for (let i = 0; i < marks; i++) {
            const step = steps[Math.floor(i * steps.length / marks)], date = new Date(step.start * 1000);
            const text = end - report.since <= 3 * 86400 ? date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) : date.toLocaleDateString();
            svg.append(element("text", { x: x(Math.max(step.start, report.since)), y: height - 6 }, text));
          }
          chart.append(svg);
          const legend = document.getElementById("legend");
          for (const s of [...series].reverse()) {
            const swatch = element("i", {});
            swatch.style.background = colour(s);
            legend.append(element("li", {}, swatch, s.kind === "workload" ? s.name : "(" + s.name + ")"));
          }
        } else {
          chart.append("No steps were recorded.");
        }
        for (const table of document.querySelectorAll("table.sortable")) {
          const heads = [...table.tHead.rows[0].cells];
          heads.forEach((head, column) => {
            head.tabIndex = 0;
            const sort = () => {
              const isText = head.hasAttribute("data-text");
              const isDescending = head.getAttribute("aria-sort") ? head.getAttribute("aria-sort") === "ascending" : !isText;
              heads.forEach(h => h.removeAttribute("aria-sort"));
              head.setAttribute("aria-sort", isDescending ? "descending" : "ascending");
              const value = row => isText ? row.cells[column].textContent : Number(row.cells[column].dataset.value || -Infinity);
              const rows = [...table.tBodies[0].rows].sort((a, b) => {
                const [u, v] = [value(a), value(b)], order = isText ? u.localeCompare(v) : u < v ? -1 : u > v ? 1 : 0;
                return isDescending ? -order : order;
              });
              table.tBodies[0].append(...rows);
            };
            head.addEventListener("click", sort);
            head.addEventListener("keydown", e => { if (e.key === "Enter") sort(); });
          });
        }
        })();
        """
}
