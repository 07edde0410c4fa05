"use strict";
// Many classes: what is typed is looked for in their names, and the best match comes first.
const classSearch = (buttons, texts) => {
  const field = document.getElementById("search");
  const list = document.getElementById("classes");
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").trim().toLocaleLowerCase("en");
  const words = texts.map(plain);
  let matches = buttons;
  let marked = 0;

  const wanted = () => plain(field.value);

  const rank = (text) => {
    if (text === wanted()) return 4;
    if (text.startsWith(wanted())) return 3;
    const typed = wanted().split(/\s+/);
    const begun = text.split(/[^\p{L}\p{N}]+/u);
    if (typed.every((word) => begun.some((other) => other.startsWith(word)))) return 2;
    return typed.every((word) => text.includes(word)) ? 1 : 0;
  };

  const mark = (place) => {
    marked = Math.min(Math.max(place, 0), matches.length - 1);
    buttons.forEach((made) => made.classList.toggle("marked", wanted() !== "" && made === matches[marked]));
    if (wanted()) matches[marked]?.scrollIntoView({ block: "nearest" });
  };

  const filter = () => {
    const ranked = buttons.map((made, i) => ({ made, i, rank: rank(words[i]) }));
    ranked.forEach((one) => (one.made.hidden = one.rank === 0));
    matches = ranked.filter((one) => one.rank > 0).sort((a, b) => b.rank - a.rank || a.i - b.i).map(({ made }) => made);
    list.append(...matches);
    list.scrollTop = 0;
    document.getElementById("no-class").hidden = matches.length > 0;
    mark(0);
  };

  const clear = () => {
    if (field.value === "") return;
    field.value = "";
    filter();
  };

  document.getElementById("search-field").hidden = !keys.bySearch;
  if (keys.bySearch) field.addEventListener("input", filter);

  return {
    clear,
    focus: () => field.focus(),
    isOn: () => keys.bySearch && field.value !== "",
    step: (by) => mark(marked + by),
    best: () => (wanted() ? buttons.indexOf(matches[marked]) : -1), // the place of the class, -1 for none
  };
};
