/** Two-character surnames that still occur; any other name's surname is its first character. */
const COMPOUND_SURNAMES = new Set(
  "欧阳 上官 司马 司徒 司空 诸葛 东方 东郭 皇甫 尉迟 公孙 慕容 令狐 夏侯 长孙 宇文 钟离 闻人 轩辕 端木 独孤 南宫 西门 赫连 澹台 淳于 单于 呼延 申屠 太史 万俟 拓跋 百里 公冶 公羊 濮阳 宗政 鲜于 闾丘 亓官".split(
    " ",
  ),
);

/**
 * An identity number as offices see it, `451024********0016`: first six and last four. Of a disability certificate only its
 * 18-character part shows, since the rest tells of health. Anything shorter than 15 characters shows nothing.
 */
export function maskIdentityNumber(number: string): string {
  const person = number.trim().slice(0, 18);
  return person.length < 15 ? "****" : person.slice(0, 6) + "*".repeat(person.length - 10) + person.slice(-4);
}

/** `138****8000`. A shorter number (a landline) keeps its last two digits when it has at least seven, else nothing. */
export function maskPhone(number: string): string {
  const phone = number.trim();
  if (/^\d{11}$/.test(phone)) return `${phone.slice(0, 3)}****${phone.slice(-4)}`;
  return phone.length < 7 ? "****" : `****${phone.slice(-2)}`;
}

/** `****0018`: the last four digits, whatever the length. Fewer than nine digits show nothing. */
export function maskAccount(number: string): string {
  const account = number.replaceAll(/\s/g, "");
  return account.length < 9 ? "****" : `****${account.slice(-4)}`;
}

/** A name as lists inside offices show it: `覃*`, `韦*明`, `欧**明`; a single character shows nothing. */
export function maskName(name: string): string {
  const characters = [...name.trim()];
  const first = characters[0] ?? "";
  const last = characters.at(-1) ?? "";
  if (characters.length < 2) return "*";
  return characters.length === 2 ? `${first}*` : first + "*".repeat(characters.length - 2) + last;
}

/**
 * A name as a public posting (公示) shows it: the surname and one star per further character, `韦**`; a minor is not named at
 * all. The caller must know whether the person is a minor on the day of posting.
 */
export function nameForPosting(name: string, person: { minor: boolean }): string {
  if (person.minor) return "未成年人";
  const surname = surnameOf(name);
  return surname + "*".repeat(Math.max([...name.trim()].length - [...surname].length, 1));
}

/** The surname of a Chinese name: a known two-character one if something follows it, else the first character. */
export function surnameOf(name: string): string {
  const characters = [...name.trim()];
  const compound = characters.slice(0, 2).join("");
  return characters.length > 2 && COMPOUND_SURNAMES.has(compound) ? compound : (characters[0] ?? "");
}
