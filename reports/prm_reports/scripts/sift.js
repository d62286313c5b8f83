/* Search and filter. The page says everything without this; it only shows less of it at a time. */
(() => {
  const form = document.querySelector(".sift");
  if (!form) return;
  const items = [...document.querySelectorAll("[data-state]")].map((el) => ({ el, text: el.textContent.toLowerCase() }));
  const groups = [...document.querySelectorAll("[data-group]")];
  const search = form.querySelector("input[type=search]");
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const told = form.querySelector("output");
  const sift = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const states = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let shown = 0, all = 0;
    for (const { el, text } of items) {
      el.hidden = !((!boxes.length || states.has(el.dataset.state)) && words.every((word) => text.includes(word)));
      if (el.dataset.counts !== undefined) { all += 1; shown += el.hidden ? 0 : 1; }
    }
    for (const group of groups) group.hidden = !group.querySelector("[data-state]:not([hidden])");
    told.textContent = shown === all ? `all ${all} shown` : `${shown} of ${all} shown`;
  };
  const lead = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) { form.reset(); sift(); }
    const details = target.closest("details");
    if (details) { details.open = true; target.scrollIntoView(); }
  };
  form.hidden = false;
  form.addEventListener("input", sift);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(sift));
  addEventListener("hashchange", lead);
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details:not([open])")) { details.dataset.shut = ""; details.open = true; }
  });
  addEventListener("afterprint", () => {
    for (const details of document.querySelectorAll("details[data-shut]")) { delete details.dataset.shut; details.open = false; }
  });
  sift();
  lead();
})();
