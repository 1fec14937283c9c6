const DAY_SECONDS = 86_400;
const LAST_SERIAL = 2_958_465;

/** Whether a cell style shows numbers as dates: by its built-in id, else by its format code. */
export function isDateFormat(id: number, code: string | undefined): boolean {
  if (code === undefined)
    return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
  const bare = code.replaceAll(/"[^"]*"|\[[^\]]*\]|[\\_*]./g, "").split(";")[0] ?? "";
  return /[ymdhs]/i.test(bare) && !/^general$/i.test(bare);
}

/** The text of a numeric cell. Its value is a double of which spreadsheets keep and show 15 digits; the rest is noise. */
export function numberText(value: string, format: { isDate: boolean; since1904: boolean }): string {
  const number = Number(value);
  if (!Number.isFinite(number)) return value;
  if (format.isDate && number >= 0 && number <= LAST_SERIAL) return dateText(number, format.since1904);
  if (Math.abs(number) >= 1e15) return number.toExponential(14).toUpperCase();
  return String(Number(number.toPrecision(15)));
}

function dateText(serial: number, since1904: boolean): string {
  const seconds = Math.round(serial * DAY_SECONDS);
  const days = Math.floor(seconds / DAY_SECONDS);
  // Serial 60 is a 29 February 1900 that never was; before it the count is one behind.
  const dayZero = since1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, days < 60 ? 31 : 30);
  const [date = "", time = ""] = new Date(dayZero + seconds * 1000).toISOString().slice(0, 19).split("T");
  if (seconds % DAY_SECONDS === 0) return date;
  return days === 0 ? time : `${date} ${time}`;
}
