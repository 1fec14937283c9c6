import { type FieldError, refuse } from "@shouwang/contract";
import { checkBankAccount } from "@shouwang/service-kit/identity-account";

/** An account on which a person can be paid, checked. `note`: what whoever entered it should look at again. */
type CheckedPayee = { account: string; holder: string; byProxy: boolean; note: { zh: string; en: string } | null };

/**
 * Whether a person may be paid on an account (E-02, E-09, I-07): its number is well-formed, and its holder is the person, or another member of the
 * household with a written proxy. An account in the person's own name needs no proxy and has none.
 * @param names full names of the household's members, the person's own among them
 */
export function checkPayee(
  entry: { account: string; holder: string; byProxy: boolean },
  person: { name: string },
  names: readonly string[],
) {
  const errors: FieldError[] = [];
  const account = checkBankAccount(entry.account);
  if (!account.ok) errors.push({ pointer: "/account", rule: account.rule, zh: account.zh, en: account.en, clause: "E-02" });
  const own = entry.holder === person.name;
  if (!own && !names.includes(entry.holder))
    errors.push({
      pointer: "/holder",
      rule: "holder-is-member",
      zh: "开户名须为本人,或持书面委托的本户其他成员",
      en: "The holder is the person, or another member of the household with a written proxy",
      clause: "E-02",
    });
  else if (!own && !entry.byProxy)
    errors.push({
      pointer: "/byProxy",
      rule: "proxy-in-writing",
      zh: "由本户其他成员代领的,须有书面委托",
      en: "Where another member of the household is paid, a written proxy is needed",
      clause: "E-02",
    });
  else if (own && entry.byProxy)
    errors.push({
      pointer: "/byProxy",
      rule: "own-account",
      zh: "开户名为本人,不属委托代领",
      en: "The account is the person's own: there is no proxy",
      clause: "E-02",
    });
  if (errors.length > 0 || !account.ok) return refuse("invalid-input", { errors });
  const [warning] = account.warnings;
  return {
    account: account.value,
    holder: entry.holder,
    byProxy: entry.byProxy,
    note: warning ? { zh: warning.zh, en: warning.en } : null,
  } satisfies CheckedPayee;
}
