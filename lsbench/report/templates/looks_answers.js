"use strict";
// What was answered: kept in the browser, joined with what another tab has, and written as CSV. Nothing of the screen.
const DATA = JSON.parse(document.getElementById("data").textContent);

const answers = (() => {
  const PLACE = `lsbench looks ${DATA.design} ${DATA.page}`;
  let problem = "";

  const openStore = () => {
    try {
      const store = window.localStorage; // a browser may refuse even to name it
      store.setItem("lsbench", "1");
      store.removeItem("lsbench");
      return store;
    } catch {
      problem = "This browser keeps nothing for this page: a reload loses your answers. Save them before you close it.";
      return null;
    }
  };
  let store = openStore();

  const empty = () => ({ person: null, answers: {} });

  // Only what has the form of an answer: anything may stand in a browser's store. Also of examples that a longer page
  // of the same design has.
  const checked = (given) => {
    const state = empty();
    if (given?.person && typeof given.person.name === "string") {
      state.person = { name: given.person.name, time: String(given.person.time ?? "") };
    }
    for (const [number, answer] of Object.entries(given?.answers ?? {})) {
      const isLabel = answer?.label === null || typeof answer?.label === "string";
      if (isLabel && typeof answer.time === "string") {
        state.answers[number] = { label: answer.label, time: answer.time };
      }
    }
    return state;
  };

  const read = () => {
    const text = store?.getItem(PLACE);
    if (!text) return empty();
    try {
      return checked(JSON.parse(text));
    } catch {
      problem = "The answers that this browser kept can't be read; this page starts without them.";
      return empty();
    }
  };

  const later = (a, b) => (!a ? b : !b ? a : a.time >= b.time ? a : b);

  // Of two tabs, the later answer to each example.
  const joined = (a, b) => {
    const state = { person: later(a.person, b.person), answers: { ...b.answers } };
    for (const [number, answer] of Object.entries(a.answers)) state.answers[number] = later(answer, b.answers[number]);
    return state;
  };

  let state = read();
  let saved = true; // whether all answers are in a file or in the browser

  const write = () => {
    saved = false;
    if (!store) return;
    state = joined(state, read());
    try {
      store.setItem(PLACE, JSON.stringify(state));
      saved = true;
    } catch {
      store = null;
      problem = "This browser keeps no more answers: a reload loses the last ones. Save them before you close the page.";
    }
  };

  // Later than every answer before it, also where the clock has not moved.
  const now = () => {
    const last = Object.values(state.answers).reduce((most, { time }) => (time > most ? time : most), "");
    const time = new Date().toISOString();
    return time > last ? time : new Date(Date.parse(last) + 1).toISOString();
  };

  const given = (item) => state.answers[item.number]?.label ?? null;
  const set = (item, label) => {
    state.answers[item.number] = { label, time: now() };
    write();
  };

  const last = () => {
    const timed = DATA.items.filter((item) => given(item) !== null);
    return timed.reduce((a, b) => (a && state.answers[a.number].time >= state.answers[b.number].time ? a : b), null);
  };

  // No cell is taken for a formula: as lsbench.names.spreadsheet writes cells, and reads them back.
  const isNumber = (text) => /^[+-]?\d*\.?\d+(e[+-]?\d+)?$/i.test(text);
  const guarded = (text) => (/^'*[=+@＝＋－＠\t\r\n-]/.test(text) && !isNumber(text) ? `'${text}` : text);
  const quoted = (value) => (/^\s|\s$|[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const line = (fields) => `${fields.map((field) => quoted(guarded(String(field)))).join(",")}\n`;

  const csv = () => {
    const done = DATA.items.filter((item) => given(item) !== null);
    return [
      line(DATA.columns),
      ...done.map((item) => {
        const { label, time } = state.answers[item.number];
        const who = state.person?.name || "anonymous";
        const when = time.replace(/\.\d+Z$/, "Z");
        return line([item.number, item.path, item.digest, label, who, DATA.design, item.probability, when]);
      }),
    ].join("");
  };

  return {
    given,
    set,
    last,
    csv,
    count: () => DATA.items.filter((item) => given(item) !== null).length,
    person: () => state.person?.name ?? null,
    name: (name) => {
      state.person = { name, time: now() };
      write();
    },
    erase: () => {
      state = empty();
      saved = true;
      try {
        store?.removeItem(PLACE);
      } catch {
        store = null;
      }
    },
    isKept: () => store !== null,
    isSaved: () => saved,
    inFile: () => (saved = true),
    problem: () => problem,
    onOther: (changed) =>
      addEventListener("storage", (event) => {
        if (event.key !== PLACE && event.key !== null) return;
        state = event.newValue ? joined(state, read()) : empty();
        changed();
      }),
  };
})();
