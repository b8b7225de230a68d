// What the page behind a mailed link can do better with a script. It is whole without.

// A whole number, with or without the century, or a VAT number, which holds one: the last four digits of it.
const WHOLE = /^(?:(?:16|19|20)?\d{6}(\d{4})|SE\d{6}(\d{4})01)$/;

const ending = (typed) => {
  const found = WHOLE.exec(typed.replace(/[\s\u2010-\u2015+-]/g, "").toUpperCase());
  return found ? found[1] ?? found[2] : typed;
};

const digits = document.getElementById("digits");
digits?.addEventListener("paste", (event) => {
  const whole = event.clipboardData?.getData("text") ?? "";
  if (ending(whole) === whole) return;
  event.preventDefault();
  digits.value = ending(whole);
});
digits?.addEventListener("change", () => { digits.value = ending(digits.value.trim()); });

// A message is there again after a reload, or in the other language, for as long as the tab is open. A browser may keep
// nothing for anybody, and says so by an exception.
let storage = null;
try {
  storage = sessionStorage;
} catch {
  // The page works as it does without a script.
}
const message = document.getElementById("message");
const draft = `message ${location.pathname}`;
if (message) {
  message.value ||= storage?.getItem(draft) ?? "";
  message.addEventListener("input", () => storage?.setItem(draft, message.value));
} else if (document.querySelector(".receipt")) {
  storage?.removeItem(draft);
}

const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// Two presses are one answer; a moment later, perhaps after loading was stopped, one more is another.
const MOMENT = 3000;
for (const form of document.forms) {
  let sentAt = -MOMENT;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - sentAt < MOMENT) event.preventDefault();
    else sentAt = event.timeStamp;
  });
  addEventListener("pageshow", () => { sentAt = -MOMENT; });
}
