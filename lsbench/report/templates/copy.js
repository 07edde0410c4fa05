"use strict";
// Copying; where the clipboard is closed, the text is selected for the reader to copy.
const copyText = async (text, select) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    select();
    return false;
  }
};

document.querySelectorAll(".command").forEach((command) => {
  const code = command.querySelector("code");
  const copy = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy" });
  copy.addEventListener("click", async () => {
    if (!(await copyText(code.textContent, () => getSelection().selectAllChildren(code)))) return;
    copy.textContent = "Copied";
    setTimeout(() => (copy.textContent = "Copy"), 2000);
  });
  copy.setAttribute("aria-live", "polite");
  command.append(copy);
});
