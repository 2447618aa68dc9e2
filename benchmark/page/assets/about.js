// What the page rests on, and where the files are.

function renderFound() {
  if (!RUN.found.length) return leaveOut("found");
  document.getElementById("found-list").append(...RUN.found.map((line) => el("li", {}, line)));
}

function renderSummary() {
  document.getElementById("facts").append(...RUN.facts.flatMap(([term, text]) => [el("dt", {}, term), el("dd", {}, text)]));
  document.getElementById("summary").append(
    ...RUN.summary.map((line) => el("p", {}, line)),
    ...(RUN.reduced ? [el("p", { class: "remark" }, "This is a reduced run: its numbers say that everything works, not more.")] : []),
    ...RUN.remarks.map((line) => el("p", { class: "remark" }, line)));
}

function renderAbout() {
  const box = document.getElementById("about-text");
  const commits = Object.entries(RUN.commits).map(([commit, count]) => (missing(count) ? commit : `${commit} (${plural(count, "fit")})`));
  const versions = Object.entries(RUN.versions).map(([name, version]) => `${name} ${version}`);
  box.append(
    el("h3", {}, "How to read it"),
    el("ul", {}, ["Cell: mean ± standard deviation over splits; k/n where only k of n fits succeeded.", ...RUN.legend].map((line) => el("li", {}, line))),
    el("h3", {}, "What made it"),
    el("ul", {},
      el("li", {}, `Seed ${RUN.seed}, ${RUN.splits}.`),
      commits.length ? el("li", {}, `Fits at commit ${commits.join(", ")}.`) : null,
      versions.length ? el("li", {}, `${versions.join(", ")}.`) : null),
    el("h3", {}, "Files"),
    el("ul", {}, RUN.links.files.map(([name, what]) => el("li", {}, el("a", { href: name }, name.split("/").pop()), `: ${what}`))));
  const figures = Object.entries(RUN.links.figures);
  if (figures.length)
    box.append(el("h3", {}, "Figures as files"), el("ul", {}, figures.map(([name, kinds]) =>
      el("li", {}, `${name}: `, Object.entries(kinds).flatMap(([kind, link], i) => [i ? ", " : "", el("a", { href: link }, kind.toUpperCase())])))));
}
