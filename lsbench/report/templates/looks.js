"use strict";
// The screen: start, one example after the other, the end; and what the keys do.
(() => {
  const byId = (id) => document.getElementById(id);
  const { items, classes } = DATA;
  const OTHERS = { cannotTell: "Can't tell", several: "More than one", none: "None of these" };
  const LONG = 60; // characters of a cell that stands below its column's name, not beside it
  const PAUSE = 250; // milliseconds in which a second tap is the same tap
  let here = 0; // which example is shown
  let several = null; // the classes chosen so far, where more than one fits
  let tapped = -PAUSE;

  const show = (id) => {
    ["start", "look", "end"].forEach((name) => (byId(name).hidden = name !== id));
    document.querySelector(".progress").hidden = id !== "look";
    byId("warning").textContent = answers.problem();
    byId("warning").hidden = !answers.problem();
    byId("kept").hidden = !answers.isKept();
  };
  const isShown = (id) => !byId(id).hidden;
  const isDone = (item) => answers.given(item) !== null;
  const tell = (text) => (byId("told").textContent = text);

  // Answers.
  const severalLabel = (chosen) => {
    const names = classes.filter((one) => chosen.has(one)).map(({ name }) => name.replace(/[\\|]/g, "\\$&"));
    return DATA.several + names.join("|");
  };

  const chosenIn = (label) => {
    if (!label?.startsWith(DATA.several)) return classes.filter((one) => one.label === label);
    const names = label.slice(DATA.several.length).match(/(?:[^\\|]|\\.)+/gs) ?? [];
    return classes.filter((one) => names.some((name) => name.replace(/\\(.)/gs, "$1") === one.name));
  };

  const inWords = (label) => {
    const names = chosenIn(label).map(({ shown }) => shown);
    return names.length > 1 ? `more than one: ${names.join(", ")}` : (names[0] ?? label.slice(1));
  };

  const answer = (label) => {
    answers.set(items[here], label);
    several = null;
    search.clear();
    tell(`Answered: ${inWords(label)}`);
    advance();
  };

  const choose = (one) => {
    if (!several) return answer(one.label);
    if (!several.delete(one)) several.add(one);
    search.clear();
    return drawButtons();
  };

  const startSeveral = () => {
    several = several ? null : new Set();
    tell(several ? "Choose all classes that fit, then press Enter." : "");
    drawButtons();
  };

  const finishSeveral = () => {
    if (several.size < 2) return tell("Choose two classes or more, or cancel.");
    return answer(severalLabel(several));
  };

  const cancel = () => {
    several = null;
    search.clear();
    tell("");
    drawButtons();
  };

  const other = { cannotTell: () => answer(DATA.cannotTell), several: startSeveral, none: () => answer(DATA.none) };

  // The way: within a batch first, so that it becomes whole.
  const nextOpen = () => {
    const open = items.map((item, i) => ({ item, i })).filter(({ item }) => !isDone(item));
    const inBatch = open.filter(({ item }) => item.batch === items[here].batch);
    return (inBatch.find(({ i }) => i > here) ?? inBatch[0] ?? open[0])?.i ?? -1;
  };

  const firstOpen = () => Math.max(items.findIndex((item) => !isDone(item)), 0);

  const moveTo = (place) => {
    here = place;
    several = null;
    render();
  };

  const advance = () => {
    const next = nextOpen();
    if (next >= 0) return moveTo(next);
    return finish();
  };

  const step = (by) => {
    tell("");
    moveTo(Math.min(Math.max(here + by, 0), items.length - 1));
  };

  const undo = () => {
    const last = answers.last();
    if (!last) return tell("There is no answer to undo.");
    tell(`Undone: ${inWords(answers.given(last))}`);
    answers.set(last, null);
    return moveTo(items.indexOf(last));
  };

  // Drawing.
  const button = (text, key, onclick) => {
    const made = Object.assign(document.createElement("button"), { type: "button" });
    made.append(Object.assign(document.createElement("span"), { textContent: text, dir: "auto" }));
    if (key) made.append(" ", Object.assign(document.createElement("kbd"), { textContent: key }));
    made.addEventListener("click", (event) => {
      if (event.detail > 0 && event.timeStamp - tapped < PAUSE) return;
      if (event.detail > 0) tapped = event.timeStamp;
      onclick();
    });
    return made;
  };

  const classButtons = classes.map((one) => button(one.shown, keys.shownOf(one), () => choose(one)));
  const otherButtons = Object.entries(OTHERS).map(([what, text]) => button(text, keys.shownOther(what), other[what]));
  byId("classes").append(...classButtons);
  byId("others").append(...otherButtons);
  byId("classes").classList.toggle("long", classes.some(({ shown }) => shown.length > 16));
  const search = classSearch(classButtons, classes.map(({ shown }) => shown));

  const drawRow = (fields) => {
    const lines = fields.map(([name, text]) => {
      const line = Object.assign(document.createElement("tr"), { className: text.length > LONG ? "long" : "" });
      const head = Object.assign(document.createElement("th"), { textContent: name, scope: "row", dir: "auto" });
      line.append(head, Object.assign(document.createElement("td"), { textContent: text, dir: "auto" }));
      return line;
    });
    byId("row").querySelector("tbody").replaceChildren(...lines);
    byId("row").scrollTop = 0;
  };

  const drawExample = () => {
    const { picture, fields } = items[here];
    byId("picture").hidden = !picture;
    byId("row").hidden = !fields;
    if (fields) drawRow(fields);
    if (!picture) return;
    byId("picture").src = picture;
    byId("picture").alt = `Example ${here + 1} of ${items.length}`;
    const next = nextOpen();
    if (next >= 0) new Image().src = items[next].picture; // decoded before it is needed
  };

  const drawProgress = () => {
    const done = answers.count();
    const { batch } = items[here];
    const left = items.filter((item) => item.batch === batch && !isDone(item)).length;
    const batches = [...new Set(items.map((item) => item.batch))];
    const place = batches.length > 1 ? ` · batch ${batches.indexOf(batch) + 1} of ${batches.length}: ${left} left` : "";
    byId("bar").value = done;
    byId("count").value = `${done} of ${items.length}${place}`;
  };

  const drawButtons = () => {
    const label = answers.given(items[here]);
    const press = (made, isPressed) => made.setAttribute("aria-pressed", String(isPressed));
    const chosen = several ?? new Set(chosenIn(label));
    classButtons.forEach((made, i) => press(made, chosen.has(classes[i])));
    const isOther = {
      cannotTell: label === DATA.cannotTell,
      several: Boolean(several ?? label?.startsWith(DATA.several)),
      none: label === DATA.none,
    };
    Object.keys(OTHERS).forEach((what, i) => {
      press(otherButtons[i], isOther[what]);
      otherButtons[i].disabled = Boolean(several) && what !== "several";
    });
    byId("several-done").hidden = !several;
    byId("question").textContent = several ? "Which classes may it be?" : "Which class is it?";
    byId("back").disabled = here === 0;
    byId("forward").disabled = here === items.length - 1;
    byId("undo").disabled = answers.count() === 0;
  };

  const render = () => {
    const label = answers.given(items[here]);
    show("look");
    drawExample();
    drawProgress();
    drawButtons();
    if (label !== null) tell(`Your answer: ${inWords(label)}. Another answer replaces it.`);
  };

  // Keys. What is held down answers once.
  const isCommand = (event) =>
    (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph");

  const typed = (key) => {
    const what = search.isOn() ? null : keys.otherOf(key);
    const one = keys.classOf(key);
    if (one) return choose(one);
    if (what) return several && what !== "several" ? tell("Choose classes, or cancel.") : other[what]();
    if (!keys.bySearch) return tell(`No answer has the key ${key}.`);
    search.focus();
    return false; // the letter goes into the field
  };

  const enter = () => {
    if (search.isOn()) return search.best() < 0 ? undefined : choose(classes[search.best()]);
    const isOnButton = document.activeElement.matches("button"); // which Enter presses
    return several && (several.size > 1 || !isOnButton) ? finishSeveral() : false;
  };

  const SCROLL = ["ArrowDown", "ArrowUp"];
  const scrollRow = (by) => (items[here].fields ? byId("row").scrollBy({ top: by }) : false);

  const named = {
    ArrowDown: () => scrollRow(80),
    ArrowUp: () => scrollRow(-80),
    Backspace: undo,
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    Escape: cancel,
    Enter: enter,
  };
  const inSearch = { ArrowDown: () => search.step(1), ArrowUp: () => search.step(-1), Escape: cancel, Enter: enter };

  const actionOf = (event) => {
    if (isCommand(event)) return (event.ctrlKey || event.metaKey) && event.key === "z" ? undo : null;
    if ([...event.key].length === 1) return event.key === " " ? null : () => typed(event.key);
    return (search.isOn() ? inSearch : named)[event.key];
  };

  document.addEventListener("keydown", (event) => {
    if (event.repeat && event.key === "Enter") return event.preventDefault(); // it would press what has the focus next
    const does = isShown("look") && event.key && !event.isComposing ? actionOf(event) : null;
    if (!does) return;
    if (event.repeat && !search.isOn() && !SCROLL.includes(event.key)) return event.preventDefault();
    if (does() !== false) event.preventDefault();
  });

  // Start and end: the name is asked once.
  const begin = () => {
    show("start");
    byId("person").value = answers.person() ?? "";
    if (!matchMedia("(pointer: coarse)").matches) byId("person").focus(); // which would open a phone's keyboard
  };

  const resume = () => {
    if (answers.person() === null) return begin();
    here = firstOpen();
    return answers.count() < items.length ? render() : finish();
  };

  const goOn = () => {
    tell("");
    moveTo(firstOpen());
  };

  const drawEnd = ending(goOn, begin);
  const finish = () => {
    show("end");
    drawEnd();
    byId("download").focus({ preventScroll: true });
  };

  // No form: a page in a sandbox may not submit one.
  const start = () => {
    answers.name(byId("person").value.trim());
    resume();
  };
  byId("person").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    start();
  });
  const way = { undo, back: () => step(-1), forward: () => step(1) };
  const onclick = { begin: start, ...way, done: finishSeveral, cancel, save: finish };
  Object.entries(onclick).forEach(([id, does]) => byId(id).addEventListener("click", does));
  answers.onOther(() => {
    if (isShown("look") && !isDone(items[here])) return drawProgress();
    return isShown("end") ? finish() : resume();
  });
  addEventListener("beforeunload", (event) => {
    if (!answers.isSaved()) event.preventDefault();
  });
  resume();
})();
