// Fills the plan with live figures for a visitor who has pasted a token; the token stays in this tab's session storage.
const key = "shouwang.token";
const form = document.getElementById("token-form");
const field = document.getElementById("token");
const said = document.getElementById("said");
const signOut = document.getElementById("sign-out");
const states = {
  live: ["实时", "live"],
  "not-built": ["尚未建设", "not yet built"],
  unknown: ["暂无答复", "no answer"],
};

const element = (name, className, ...children) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
};
const both = (zh, en) => {
  const english = element("span", "en", en);
  english.lang = "en";
  return [`${zh} `, english];
};
const say = (zh, en) => said.replaceChildren(...both(zh, en));
const number = (value) => value.toLocaleString("zh-CN", { maximumFractionDigits: 2 });
const unitWords = { persons: "人", households: "户", villages: "个村", days: "天", hours: "小时" };
const shown = (value, unit) => {
  if (value === null) return "—";
  if (unit === "ratio") return `${number(value * 100)}%`;
  if (unit !== "fen") return `${number(value)} ${unitWords[unit] ?? unit}`;
  const yuan = value / 100;
  return yuan >= 1e8 ? `${number(yuan / 1e8)} 亿元` : yuan >= 1e4 ? `${number(yuan / 1e4)} 万元` : `${number(yuan)} 元`;
};
const reached = ({ value, target, direction }) =>
  direction === ">" ? value > target : direction === "=" ? value === target : value >= target;

const moment = (instant) =>
  new Date(instant).toLocaleString("zh-CN", { timeZone: "Asia/Shanghai", dateStyle: "long", timeStyle: "short" });

function figure(indicator) {
  const value = element("strong", "", shown(indicator.value, indicator.unit));
  const item = element("li", "", element("span", "", ...both(indicator.title.zh, indicator.title.en)), value);
  if (indicator.numerator !== undefined && indicator.denominator !== undefined)
    item.append(element("small", "", `${number(indicator.numerator)} / ${number(indicator.denominator)}`));
  if (indicator.target !== null && indicator.value !== null) {
    const good = reached(indicator);
    const mark = element("span", "mark", ...both(good ? "✓ 达标" : "✗ 未达标", good ? "on target" : "short"));
    mark.dataset.good = String(good);
    const sign = indicator.direction === ">=" ? "≥" : (indicator.direction ?? "≥");
    item.append(element("small", "", `目标 ${sign} ${shown(indicator.target, indicator.unit)}`), mark);
  }
  if (indicator.list) {
    const button = element("button", "", ...both("名单", "list"));
    button.type = "button";
    button.addEventListener("click", () => openList(indicator.list));
    item.append(button);
  }
  return item;
}

const ask = async (path) => {
  const response = await fetch(path, { headers: { authorization: `Bearer ${sessionStorage.getItem(key)}` } });
  const body = await response.json();
  if (!response.ok) throw Object.assign(new Error(body.code), { problem: body });
  return body;
};

async function openList(path) {
  const rows = document.getElementById("list-rows");
  rows.replaceChildren("…");
  document.getElementById("list").showModal();
  try {
    const { items = [] } = await ask(path);
    const columns = [...new Set(items.flatMap(Object.keys))];
    const cell = (value) => element("td", "", typeof value === "object" ? JSON.stringify(value) : String(value ?? ""));
    const head = element("tr", "", ...columns.map((name) => element("th", "", name)));
    const body = items.map((item) => element("tr", "", ...columns.map((name) => cell(item[name]))));
    rows.replaceChildren(
      items.length === 0 ? element("p", "", ...both("名单为空。", "The list is empty.")) : element("table", "", head, ...body),
    );
  } catch (error) {
    rows.replaceChildren(
      element("p", "", ...both(error.problem?.title ?? "无法读取", error.problem?.en?.title ?? "Cannot be read")),
    );
  }
}

function show(clause) {
  const row = document.querySelector(`[data-clause="${clause.id}"]`);
  if (!row) return;
  const chip = row.querySelector("[data-chip]");
  chip.dataset.chip = clause.state;
  chip.replaceChildren(...both(...states[clause.state]));
  if (clause.note) chip.title = `${clause.note.zh} ${clause.note.en}`;
  row.querySelector("[data-figures]").replaceChildren(...clause.indicators.map(figure));
}

async function refresh() {
  if (!sessionStorage.getItem(key)) return;
  say("正在读取…", "Reading…");
  try {
    const plan = await ask("/api/v1/plan");
    plan.clauses.forEach(show);
    signOut.hidden = false;
    const live = plan.clauses.filter(({ state }) => state === "live").length;
    say(`${live} 条有实时数据，截至 ${moment(plan.asOf)}。`, `${live} clauses are live.`);
  } catch (error) {
    if (error.problem?.status === 401) sessionStorage.removeItem(key);
    say(error.problem?.title ?? "无法连接", error.problem?.en?.title ?? "Cannot be reached");
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(key, field.value.trim());
  field.value = "";
  void refresh();
});
signOut.addEventListener("click", () => {
  sessionStorage.removeItem(key);
  location.reload();
});
void refresh();
