"use strict";
// Without this script the page shows everything, one part below the other. It adds tabs, filters and order.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);
  document.documentElement.classList.add("js");

  const tables = all(".panel table").map((table) => {
    const body = table.tBodies[0];
    const rows = all("tr:not(.empty)", body).map((row, index) => ({ row, index, text: null, data: row.dataset }));
    const empty = document.createElement("tr");
    empty.className = "empty";
    const cell = empty.insertCell();
    cell.colSpan = table.tHead.rows[0].cells.length;
    cell.textContent = "Nothing here matches the filter.";
    empty.hidden = true;
    if (rows.length) body.append(empty);
    return { table, body, rows, empty, panel: table.closest(".panel"), shown: rows.length };
  });
  const wanted = { severities: new Set(), kev: false, fix: false, layer: "", words: [] };

  // Filters. Severity, exploitation and remedy are facts of findings; text and layer are of all rows.
  const textOf = (entry) => (entry.text ??= entry.row.textContent.toLowerCase());
  const matches = (entry) => {
    const { sev, layer } = entry.data;
    if (wanted.layer && layer !== wanted.layer) return false;
    if (sev !== undefined) {
      if (wanted.severities.size && !wanted.severities.has(sev)) return false;
      if (wanted.kev && entry.data.kev === undefined) return false;
      if (wanted.fix && entry.data.fix === undefined) return false;
    }
    return wanted.words.every((word) => textOf(entry).includes(word));
  };
  const active = () => wanted.severities.size || wanted.kev || wanted.fix || wanted.layer || wanted.words.length;
  const number = new Intl.NumberFormat("en");
  const count = one("#count");
  const say = () => {
    const table = tables.find(({ panel }) => !panel.hidden);
    if (!table || !table.rows.length) { count.textContent = ""; return; }
    const total = number.format(table.rows.length);
    count.textContent = table.shown === table.rows.length ? `${total} shown` : `${number.format(table.shown)} of ${total} shown`;
  };
  const apply = () => {
    for (const table of tables) {
      table.shown = 0;
      for (const entry of table.rows) {
        const shown = matches(entry);
        if (entry.row.hidden === shown) entry.row.hidden = !shown;
        table.shown += shown;
      }
      table.empty.hidden = table.shown > 0;
    }
    one("#reset").hidden = !active();
    say();
  };

  const press = (button, on) => button.setAttribute("aria-pressed", String(on));
  const chips = all(".chips [data-filter]");
  for (const chip of chips) {
    press(chip, false);
    chip.addEventListener("click", () => {
      const on = chip.getAttribute("aria-pressed") !== "true";
      press(chip, on);
      const { filter, value } = chip.dataset;
      if (filter === "severity") wanted.severities[on ? "add" : "delete"](value);
      else wanted[filter] = on;
      show("findings");
      apply();
    });
  }
  const layers = all(".layer");
  const layerChip = one("#layer-chip");
  const choose = (value) => {
    wanted.layer = value;
    for (const layer of layers) press(layer, layer.dataset.layer === value);
    layerChip.hidden = !value;
    layerChip.textContent = value ? `Layer ${value} ` : "";
    layerChip.setAttribute("aria-label", `Only layer ${value}; show all layers`);
    apply();
  };
  for (const layer of layers) {
    press(layer, false);
    layer.addEventListener("click", () => choose(layer.dataset.layer === wanted.layer ? "" : layer.dataset.layer));
  }
  layerChip.addEventListener("click", () => { choose(""); one("#filter").focus(); });

  const filter = one("#filter");
  let timer = 0;
  const read = () => {
    wanted.words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    apply();
  };
  filter.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(read, 80); });
  one("#reset").addEventListener("click", () => {
    wanted.severities.clear();
    wanted.kev = wanted.fix = false;
    for (const chip of chips) press(chip, false);
    filter.value = "";
    wanted.words = [];
    choose("");
    filter.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && event.target !== filter) {
      event.preventDefault();
      filter.focus();
    }
  });

  // Order. A cell's data-v, where it has one, else its text; numbers within text count as numbers.
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const valueOf = (row, column) => {
    const cell = row.cells[column];
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    return (one("summary b", cell) ?? cell).textContent.trim();
  };
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b));
  for (const { table, body, rows, empty } of tables) {
    all("th", table).forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        const first = head.dataset.first || "ascending";
        const other = first === "ascending" ? "descending" : "ascending";
        const order = before === first ? other : first;
        for (const each of all("th", table)) each.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const keyed = rows.map((entry) => [valueOf(entry.row, column), entry]);
        keyed.sort((a, b) => sign * compare(a[0], b[0]) || a[1].index - b[1].index);
        body.append(...keyed.map(([, entry]) => entry.row), empty);
      });
    });
  }

  // What a finding unfolds has the whole row below it, in place of its narrow column.
  document.addEventListener("toggle", ({ target }) => {
    const row = target.closest("tr");
    if (!row) return;
    const facts = one(".more", row);
    if (target.open) {
      const cell = document.createElement("td");
      cell.className = "wide";
      cell.colSpan = row.cells.length - 1;
      cell.append(facts);
      row.append(cell);
    } else {
      target.append(facts);
      one(".wide", row)?.remove();
    }
  }, true);

  // Tabs.
  const tabs = all(".tabs a");
  one(".tabs").setAttribute("role", "tablist");
  const show = (id, focus = false) => {
    for (const tab of tabs) {
      const on = tab.hash === `#${id}`;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      if (on && focus) tab.focus();
    }
    for (const panel of all(".panel")) panel.hidden = panel.id !== id;
    say();
  };
  tabs.forEach((tab, index) => {
    const id = tab.hash.slice(1);
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", id);
    tab.id = `tab-${id}`;
    const panel = document.getElementById(id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", (event) => { event.preventDefault(); show(id); });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const next = step ? tabs[(index + step + tabs.length) % tabs.length]
        : { Home: tabs[0], End: tabs[tabs.length - 1] }[event.key];
      if (!next) return;
      event.preventDefault();
      show(next.hash.slice(1), true);
    });
  });
  const asked = location.hash.slice(1);
  show(tabs.some((tab) => tab.hash === `#${asked}`) ? asked : tabs[0].hash.slice(1));
})();
