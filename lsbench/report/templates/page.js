"use strict";
// Comforts only: sort, filter, a hint where a table is wider than the screen. Without them the page shows everything.
(() => {
  const NOT_AVAILABLE = "–";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const textOf = (cell) => (cell?.textContent ?? "").replace(/★$/, "").trim();

  const button = (label, onclick) => {
    const made = document.createElement("button");
    made.type = "button";
    made.append(label);
    made.addEventListener("click", onclick);
    return made;
  };

  // Sorting: "97.88 ± 0.11", "-0.03 [-0.08, +0.02]", "1,234" and "<0.001" are numbers; numbers come before words.
  const DIGITS = String.raw`(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?|\.\d+`;
  const FIRST = new RegExp(String.raw`^([<>≤≥~≈]?)\s*([+\-−]?)(${DIGITS}|inf\b)`, "i");
  const TOKEN = new RegExp(String.raw`${DIGITS}|\D+?(?=\.?\d|$)`, "gi");
  const BOUND = { "<": -1, "≤": -1, ">": 1, "≥": 1 };
  const words = new Intl.Collator("en");

  const number = (text) => (/^inf/i.test(text) ? Infinity : Number(text.replaceAll(",", "")));
  const tokens = (text) => (text.match(TOKEN) ?? []).map((t) => (/\d/.test(t) ? number(t) : t));

  const keyOf = (text) => {
    if (text === "" || text === NOT_AVAILABLE) return null;
    const found = FIRST.exec(text);
    if (!found) return tokens(text);
    const value = number(found[3]) * (found[2] === "-" || found[2] === "−" ? -1 : 1);
    return [value, BOUND[found[1]] ?? 0, ...tokens(text.slice(found[0].length))];
  };

  const compareTokens = (a, b) => {
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    if (typeof a === "number") return a < b ? -1 : a > b ? 1 : 0;
    return words.compare(a, b);
  };

  const compare = (a, b) => {
    for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
      const order = compareTokens(a[i], b[i]);
      if (order) return order;
    }
    return a.length - b.length;
  };

  const put = (body, lines) => {
    const ordered = new DocumentFragment();
    for (const line of lines) ordered.append(line);
    body.append(ordered);
  };

  const sort = (body, column, sign) => {
    const keyed = [...body.rows].map((line) => ({ line, key: keyOf(textOf(line.cells[column])) }));
    keyed.sort((a, b) => {
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null); // last, either way
      return sign * compare(a.key, b.key);
    });
    put(body, keyed.map(({ line }) => line));
  };

  const unsorted = (table) => all("th[aria-sort]", table).forEach((head) => head.removeAttribute("aria-sort"));

  const makeSortable = (table) => {
    all("thead th", table).forEach((head, column) => {
      const toggle = button(head.textContent, () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        unsorted(table);
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sort(table.tBodies[0], column, down ? -1 : 1);
      });
      toggle.title = "Sort by this column";
      head.replaceChildren(toggle);
    });
  };

  const textsOf = (lines, cellsOf, frame) => {
    const title = frame.querySelector("h2"); // of a group: what it says holds for each of its lines
    return lines.map((line) => [...cellsOf(line), title].map(textOf).join("\n").toLowerCase());
  };
  const tables = all("table").map((table) => {
    const lines = [...table.tBodies[0].rows];
    const frame = table.closest(".group") ?? table.closest(".table");
    return { table, frame, lines, texts: textsOf(lines, (line) => line.cells, frame) };
  });
  const cards = all(".cards").map((within) => {
    const [lines, frame] = [[...within.children], within.closest(".group")];
    return { frame, lines, texts: textsOf(lines, (card) => [card], frame) };
  });
  tables.filter(({ lines }) => lines.length > 1).forEach(({ table }) => makeSortable(table));

  // Filtering: a line, or a card, stays where all the words are in it.
  const makeFilter = (bar) => {
    const [field, count, reset] = ["input", "output", "button"].map((name) => bar.querySelector(name));
    const blocks = [...tables, ...cards];
    const total = blocks.reduce((sum, { lines }) => sum + lines.length, 0);
    const noun = bar.dataset.noun ?? "lines";
    const filter = () => {
      const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const { frame, lines, texts } of blocks) {
        const fits = texts.map((text) => wanted.every((word) => text.includes(word)));
        lines.forEach((line, i) => (line.hidden = !fits[i]));
        const some = fits.filter(Boolean).length;
        shown += some;
        frame.hidden = wanted.length > 0 && some === 0;
        if (wanted.length && some) frame.closest("details")?.setAttribute("open", "");
      }
      count.value = wanted.length ? `${shown} of ${total} ${noun}` : `${total} ${noun}`;
    };
    field.addEventListener("input", filter);
    reset.addEventListener("click", () => {
      field.value = "";
      for (const { table, lines } of tables) {
        unsorted(table);
        put(table.tBodies[0], lines);
      }
      filter();
      field.focus();
    });
    bar.hidden = false;
    filter(); // a browser may have kept the words over a reload
  };
  all("#filter").forEach(makeFilter);

  // A table that is wider than its frame says so, until its last column is in sight.
  const watch = (frame) => {
    const [scroll, hint] = [frame.querySelector(".scroll"), frame.previousElementSibling];
    const look = () => {
      const hidden = scroll.scrollWidth - scroll.clientWidth;
      hint.hidden = hidden <= 1;
      frame.classList.toggle("cut", hidden - scroll.scrollLeft > 1);
    };
    scroll.addEventListener("scroll", look, { passive: true });
    new ResizeObserver(look).observe(scroll);
    new ResizeObserver(look).observe(scroll.querySelector("table"));
  };
  all(".frame").forEach(watch);

  // What is folded opens for print, and for a link to it.
  const openTarget = () => document.querySelector(`details[id="${CSS.escape(location.hash.slice(1))}"]`)?.setAttribute("open", "");
  addEventListener("hashchange", openTarget);
  openTarget();
  let opened = [];
  addEventListener("beforeprint", () => (opened = all("details:not([open])")).forEach((folded) => (folded.open = true)));
  addEventListener("afterprint", () => opened.forEach((folded) => (folded.open = false)));
})();
