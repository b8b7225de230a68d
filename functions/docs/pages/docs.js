// Starts Swagger UI on the document of this origin, and fills in the addresses that only the browser knows.

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  // Swagger UI would send the document to a validator of its makers.
  validatorUrl: null,
});

const fill = (name, text) => {
  for (const place of document.querySelectorAll(`[data-fill="${name}"]`)) place.textContent = text;
};
fill("api", new URL(".", location.href).href.replace(/\/$/, ""));
fetch("console/config.json")
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText))))
  .then(({ userPoolId, clientId }) => {
    fill("pool", userPoolId);
    fill("client", clientId);
  })
  .catch(() => {}); // the placeholders stay, and say what belongs there
