// The front page: two ways on.

import { html, render } from "./preact.js";
import { language, onLanguage, setLanguage, t } from "./language.js";

const OTHER = { sv: "en", en: "sv" };

const Front = () => html`
  <header class="top">
    <span class="brand">${t("brand")}</span>
    <div class="who">
      <button type="button" class="link" lang=${OTHER[language()]} onClick=${() => setLanguage(OTHER[language()])}>
        ${t("language.other")}
      </button>
    </div>
  </header>
  <main class="front">
    <h1>${t("front.title")}</h1>
    <p class="lead">${t("front.lead")}</p>
    <div class="ways">
      <a class="way" href="console"><strong>${t("front.office")}</strong><span>${t("front.office.text")}</span></a>
      <a class="way" href="my"><strong>${t("front.company")}</strong><span>${t("front.company.text")}</span></a>
    </div>
    <p class="aside"><a href="docs">${t("front.docs")}</a></p>
  </main>
`;

const draw = () => {
  document.title = `${t("front.title")} – ${t("brand")}`;
  render(html`<${Front} />`, document.getElementById("app"));
};
onLanguage(draw);
draw();
