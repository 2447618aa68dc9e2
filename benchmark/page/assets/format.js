// Elements and numbers as text.

/** An element with attributes (a function: a listener; null or false: left out) and children. */
function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false)
      made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

const DASH = "–";

const missing = (value) => value === null || value === undefined;

/** Three decimals below 1, two below 10, one above: as the printed tables have it. */
function number(value, decimals) {
  if (missing(value)) return DASH;
  const size = Math.abs(value);
  return value.toFixed(decimals ?? (size < 0.9995 ? 3 : size < 9.995 ? 2 : 1));
}

/** Up to five significant digits, for the values of single splits. */
const exact = (value) => (missing(value) ? DASH : String(Number(value.toPrecision(5))));

/** A parameter or a noted fact. */
const fact = (value) =>
  typeof value === "number" ? exact(value) : value === null ? "none" : typeof value === "object" ? JSON.stringify(value) : String(value);

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;

const upperFirst = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** Take out a section that this run has nothing for, and the link to it. */
function leaveOut(id) {
  document.getElementById(id).remove();
  document.querySelector(`nav a[href="#${id}"]`)?.remove();
}
