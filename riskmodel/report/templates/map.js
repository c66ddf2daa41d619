/* Maps that can be moved, enlarged and asked. Without this script they are plain pictures. */
"use strict";
(() => {
  const MOST = 24, STEP = 1.5;

  const element = (tag, attributes = {}, text = "") => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.textContent = text;
    return made;
  };

  const tip = element("div", { class: "tip", role: "status", "aria-live": "polite" });
  document.body.append(tip);

  function explore(svg) {
    const [x, y, w, h] = svg.getAttribute("viewBox").split(" ").map(Number);
    const full = { x, y, w, h };
    let now = { ...full };

    /* Marks and names grow more slowly than the land, so that neighbours come apart. */
    const marks = [...svg.querySelectorAll("[data-layer] > circle, .loss > path, .map-labels > text")]
      .map((mark) => {
        const box = mark.getBBox();
        const at = mark.tagName === "text"
          ? [Number(mark.getAttribute("x")), Number(mark.getAttribute("y"))]
          : [box.x + box.width / 2, box.y + box.height / 2];
        return { mark, at, text: mark.tagName === "text" };
      });

    const draw = () => {
      svg.setAttribute("viewBox", [now.x, now.y, now.w, now.h].join(" "));
      const scale = full.w / now.w;
      for (const { mark, at, text } of marks) {
        const size = text ? 1 / scale : 1 / Math.sqrt(scale);
        mark.setAttribute("transform", scale === 1 ? "" :
          `translate(${at[0]} ${at[1]}) scale(${size}) translate(${-at[0]} ${-at[1]})`);
      }
    };

    const hold = () => {
      now.w = Math.min(full.w, Math.max(full.w / MOST, now.w));
      now.h = now.w * full.h / full.w;
      now.x = Math.min(full.x + full.w - now.w, Math.max(full.x, now.x));
      now.y = Math.min(full.y + full.h - now.h, Math.max(full.y, now.y));
      draw();
    };

    /* Enlarge by a factor around a place of the picture, by default its middle. */
    const zoom = (factor, fx = 0.5, fy = 0.5) => {
      const w = Math.min(full.w, Math.max(full.w / MOST, now.w / factor));
      const h = w * full.h / full.w;
      now = { x: now.x + fx * (now.w - w), y: now.y + fy * (now.h - h), w, h };
      hold();
    };
    const pan = (dx, dy) => { now.x += dx * now.w; now.y += dy * now.h; hold(); };
    const reset = () => { now = { ...full }; hold(); };

    const bar = element("div", { class: "map-tools", role: "group", "aria-label": "Map tools" });
    for (const [sign, name, act] of [["+", "Zoom in", () => zoom(STEP)],
                                     ["\u2212", "Zoom out", () => zoom(1 / STEP)],
                                     ["\u21ba", "Whole map", reset]]) {
      const button = element("button", { type: "button", "aria-label": name, title: name }, sign);
      button.addEventListener("click", act);
      bar.append(button);
    }
    for (const layer of svg.querySelectorAll("[data-layer]")) {
      const label = element("label");
      const box = element("input", { type: "checkbox" });
      box.checked = !layer.classList.contains("off");
      box.addEventListener("change", () => layer.classList.toggle("off", !box.checked));
      label.append(box, ` ${layer.dataset.layer}`);
      bar.append(label);
    }
    bar.append(element("span", { class: "hint" },
                       "Drag to move. Ctrl and wheel, or + and \u2212, to zoom."));
    svg.before(bar);

    svg.classList.add("live");
    svg.setAttribute("tabindex", "0");
    svg.addEventListener("wheel", (event) => {
      if (!(event.ctrlKey || event.metaKey || document.activeElement === svg)) return;
      event.preventDefault();
      const box = svg.getBoundingClientRect();
      zoom(event.deltaY < 0 ? STEP : 1 / STEP, (event.clientX - box.left) / box.width,
           (event.clientY - box.top) / box.height);
    }, { passive: false });
    svg.addEventListener("keydown", (event) => {
      const acts = { "+": () => zoom(STEP), "=": () => zoom(STEP), "-": () => zoom(1 / STEP),
                     0: reset, ArrowLeft: () => pan(-0.1, 0), ArrowRight: () => pan(0.1, 0),
                     ArrowUp: () => pan(0, -0.1), ArrowDown: () => pan(0, 0.1) };
      if (!acts[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      acts[event.key]();
    });

    let from = null;
    svg.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      from = { x: event.clientX, y: event.clientY };
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", (event) => {
      if (!from) return;
      const box = svg.getBoundingClientRect();
      pan((from.x - event.clientX) / box.width, (from.y - event.clientY) / box.height);
      from = { x: event.clientX, y: event.clientY };
      tip.classList.remove("shown");
    });
    for (const end of ["pointerup", "pointercancel"]) {
      svg.addEventListener(end, () => { from = null; });
    }

    window.addEventListener("beforeprint", reset);
  }

  /* The names of marks, which browsers show late or never, in a box of their own. */
  function ask(svg) {
    for (const named of svg.querySelectorAll(":scope > g title")) {
      const mark = named.parentNode;
      mark.dataset.tip = named.textContent;
      named.remove();
    }
    svg.addEventListener("pointerover", (event) => {
      const told = event.buttons === 0 && event.target.dataset && event.target.dataset.tip;
      tip.classList.toggle("shown", Boolean(told));
      if (told) tip.textContent = told;
    });
    svg.addEventListener("pointermove", (event) => {
      const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
      tip.style.left = `${Math.max(8, Math.min(event.clientX + 14, room))}px`;
      tip.style.top = `${event.clientY + 16}px`;
    });
    svg.addEventListener("pointerleave", () => tip.classList.remove("shown"));
  }

  for (const svg of document.querySelectorAll("svg.atlas")) {
    ask(svg);
    if (svg.querySelector("[data-layer]")) explore(svg);
  }
})();
