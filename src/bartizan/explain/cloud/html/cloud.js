"use strict";
(() => {
  const graph = document.querySelector("svg.graph");
  if (!graph) return;
  const tools = document.querySelector(".tools"), told = tools.querySelector(".told"), search = tools.querySelector("input");
  const parts = [...graph.querySelectorAll("[data-ways]")], ways = [...document.querySelectorAll("details.way")];
  const numbers = (part) => part.dataset.ways.split(" ").map(Number);
  const view = graph.viewBox.baseVal;
  let chosen = null, blind = false, scale = 1;
  const show = () => {
    const word = search.value.trim().toLowerCase();
    let held = new Set(ways.map((way) => Number(way.dataset.way)));
    const keep = (found) => { held = new Set([...held].filter((number) => found.has(number))); };
    if (chosen) keep(new Set(numbers(chosen)));
    if (blind) keep(new Set(ways.filter((way) => way.dataset.blind !== "0").map((way) => Number(way.dataset.way))));
    if (word) keep(new Set(ways.filter((way) => way.textContent.toLowerCase().includes(word)).map((way) => Number(way.dataset.way))));
    const all = held.size === ways.length;
    graph.classList.toggle("picked", !all);
    for (const part of parts) {
      part.classList.toggle("on", numbers(part).some((number) => held.has(number)));
      part.classList.toggle("chosen", part === chosen);
    }
    for (const way of ways) way.classList.toggle("gone", !held.has(Number(way.dataset.way)));
    const name = chosen ? " through " + chosen.dataset.name : "";
    told.textContent = all && !chosen ? "" : held.size + " of " + ways.length + (ways.length === 1 ? " way" : " ways") + name;
  };
  const choose = (box) => { chosen = chosen === box ? null : box; show(); };
  const zoom = (factor) => {
    scale = Math.min(3, Math.max(0.3, scale * factor));
    graph.setAttribute("width", view.width * scale);
    graph.setAttribute("height", view.height * scale);
  };
  for (const box of graph.querySelectorAll(".box")) {
    box.setAttribute("tabindex", "0");
    box.setAttribute("role", "button");
    box.addEventListener("click", () => choose(box));
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(box); }
    });
  }
  const act = {
    blind: (button) => { blind = !blind; button.setAttribute("aria-pressed", blind); show(); },
    larger: () => zoom(1.25), smaller: () => zoom(0.8),
    all: () => { chosen = null; blind = false; search.value = ""; tools.querySelector("[data-act=blind]").setAttribute("aria-pressed", "false"); show(); },
  };
  for (const button of tools.querySelectorAll("button")) button.addEventListener("click", () => act[button.dataset.act](button));
  search.addEventListener("input", show);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") act.all(); });
  tools.hidden = false;
})();
