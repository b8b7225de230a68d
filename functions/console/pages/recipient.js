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

// A message is there again after a reload, or in the other language, for as long as the tab is open.
const message = document.getElementById("message");
const draft = `message ${location.pathname}`;
if (message) {
  message.value ||= sessionStorage.getItem(draft) ?? "";
  message.addEventListener("input", () => sessionStorage.setItem(draft, message.value));
} else if (document.querySelector(".receipt")) {
  sessionStorage.removeItem(draft);
}

const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// Two presses are one answer.
for (const form of document.forms) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  addEventListener("pageshow", () => { sent = false; });
}
