"use strict";
// Which key stands for which answer. A class of one character is its own key.
const keys = (() => {
  const MOST = 10; // classes that have a digit each
  const OTHERS = { cannotTell: ["?", "/"], several: ["+", "&"], none: ["-", "_"] };
  const NO_KEY = /^(\s|\p{Extended_Pictographic}|\p{Ideographic}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana})$/u;
  const isSingle = ({ name }) => [...name].length === 1 && !NO_KEY.test(name);
  const singles = DATA.classes.filter(isSingle);
  const bySearch = DATA.classes.length > MOST && singles.length < DATA.classes.length;

  const classKeys = () => {
    if (bySearch) return new Map();
    const made = new Map(singles.map((one) => [one.name, one]));
    const isFree = (digit) => !made.has(digit);
    const digits = [..."1234567890"];
    DATA.classes.forEach((one, i) => {
      if (isSingle(one)) return;
      const digit = isFree(digits[i]) ? digits[i] : digits.find(isFree);
      if (digit) made.set(digit, one);
    });
    return made;
  };

  const ofClass = classKeys();
  const lower = (text) => text.toLocaleLowerCase("en");
  const begins = new Set(bySearch ? DATA.classes.map(({ name }) => lower([...name][0] ?? "")) : []);
  const isUsed = (key) => ofClass.has(key) || begins.has(key);
  const others = Object.fromEntries(
    Object.entries(OTHERS).map(([what, candidates]) => [what, candidates.filter((key) => !isUsed(key))]),
  );

  const classOf = (key) => {
    if (ofClass.has(key)) return ofClass.get(key);
    const alike = singles.filter(({ name }) => !bySearch && lower(name) === lower(key));
    return alike.length === 1 ? alike[0] : null;
  };

  return {
    bySearch,
    classOf,
    otherOf: (key) => Object.keys(others).find((what) => others[what].includes(key)) ?? null,
    shownOf: (one) => [...ofClass].find(([, other]) => other === one)?.[0] ?? "",
    shownOther: (what) => others[what][0] ?? "",
  };
})();
