"use strict";
// The end: what was answered, as a file, or as text where a browser blocks downloads.
const ending = (goOn, begin) => {
  const byId = (id) => document.getElementById(id);
  const { items } = DATA;
  const isDone = (item) => answers.given(item) !== null;

  // Answers count up to the first gap in the order in which examples were drawn.
  const unfinished = () => {
    const open = items.filter((item) => !isDone(item));
    const first = Math.min(...open.map(({ batch }) => batch));
    const waiting = items.filter((item) => item.batch >= first && isDone(item)).length;
    if (waiting === 0) return "";
    const left = open.filter(({ batch }) => batch === first).length;
    return (
      "An answer counts only when all examples that were drawn before it are answered. The first unfinished batch lacks" +
      ` ${left} more, so some of the last ${waiting} answers may not be used yet.`
    );
  };

  const summary = () => {
    const labels = items.map(answers.given).filter((label) => label !== null);
    const count = (test) => labels.filter(test).length;
    return (
      `Can't tell: ${count((label) => label === DATA.cannotTell)}. ` +
      `More than one: ${count((label) => label.startsWith(DATA.several))}. ` +
      `None of these: ${count((label) => label === DATA.none)}. Name: ${answers.person() || "anonymous"}.`
    );
  };

  const draw = () => {
    const done = answers.count();
    const isWhole = done === items.length;
    byId("end-title").textContent = isWhole ? `All ${done} are answered` : `${done} of ${items.length} are answered`;
    byId("summary").textContent = summary();
    byId("unfinished").textContent = unfinished();
    byId("text").value = answers.csv();
    byId("saved").textContent = "";
    byId("go-on").textContent = isWhole ? "Look at the answers again" : "Go on";
    byId("download").disabled = byId("copy").disabled = done === 0;
    byId("erase").textContent = "Start over";
  };

  const download = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([answers.csv()], { type: "text/csv;charset=utf-8" }));
    link.download = DATA.fileName;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    answers.inFile();
    byId("saved").textContent = `${DATA.fileName} was handed to the browser: look among its downloads.`;
  };

  const selectText = () => {
    document.querySelector("#end details").open = true;
    byId("text").focus();
    byId("text").select();
  };

  const copy = async () => {
    const isCopied = await copyText(answers.csv(), selectText);
    if (isCopied) answers.inFile();
    byId("saved").textContent = isCopied ? "Copied." : "The text below is selected: copy it.";
  };

  const erase = () => {
    const sure = `Erase ${answers.count()} answers: press again`;
    if (answers.count() > 0 && byId("erase").textContent !== sure) return (byId("erase").textContent = sure);
    answers.erase();
    return begin();
  };

  const onclick = { download, copy, erase, "go-on": goOn, rename: begin };
  Object.entries(onclick).forEach(([id, does]) => byId(id).addEventListener("click", does));
  return draw;
};
