/**
 * Something the person at the keyboard can mend: a port in use, a missing program, a damaged folder.
 * It is shown as one sentence in both languages and never with a stack trace.
 */
export class StartProblem extends Error {
  readonly zh: string;
  readonly en: string;

  constructor(zh: string, en: string) {
    super(`${zh} / ${en}`);
    this.name = "StartProblem";
    this.zh = zh;
    this.en = en;
  }
}
