import type { PlainBytes, SealedColumn } from "@shouwang/service-kit";

/** Everything this department keeps sealed: who a person or helper is, and every free text, since people write names into it. */
export const sealed: readonly SealedColumn[] = [
  { table: "monitoring.person", id: "id", column: "secret", kind: "record" },
  { table: "monitoring.person", id: "id", column: "payee_secret", kind: "record", place: "monitoring.person.payee" },
  { table: "monitoring.helper", id: "id", column: "secret", kind: "record" },
  { table: "monitoring.risk_lead", id: "id", column: "note", kind: "record" },
  { table: "monitoring.lead_verification", id: "id", column: "note", kind: "record" },
  { table: "monitoring.early_alarm", id: "id", column: "answer", kind: "record" },
  { table: "monitoring.household_plan_item", id: "id", column: "detail", kind: "record" },
  { table: "monitoring.person_change", id: "id", column: "secret", kind: "record" },
  { table: "monitoring.household_closure", id: "household_id", column: "note", kind: "record" },
  { table: "monitoring.suspect", id: "id", column: "note", kind: "record" },
  {
    table: "monitoring.household_income_line",
    id: { sql: "income_id || '/' || version || '/' || n" },
    column: "note",
    kind: "record",
  },
  {
    table: "monitoring.household_income_correction",
    id: { sql: "income_id || '/' || version" },
    column: "reason",
    kind: "record",
  },
  { table: "monitoring.epidemic_drop", id: { sql: "household_id || '/' || year" }, column: "note", kind: "record" },
  { table: "monitoring.monthly_help", id: "id", column: "note", kind: "record" },
  { table: "monitoring.quarterly_analysis", id: "id", column: "note", kind: "record" },
  { table: "monitoring.quarterly_report", id: "id", column: "findings", kind: "record" },
  {
    table: "monitoring.quarterly_report_revision",
    id: { sql: "report_id::text" },
    column: "findings",
    kind: "record",
    place: "monitoring.quarterly_report",
  },
  {
    table: "monitoring.quarterly_report_revision",
    id: { sql: "report_id || '/' || revision" },
    column: "reason",
    kind: "record",
  },
  { table: "monitoring.income_campaign", id: "id", column: "secret", kind: "record" },
  { table: "monitoring.income_campaign", id: { sql: "id || '/findings'" }, column: "findings", kind: "record" },
  {
    table: "monitoring.income_campaign_action",
    id: { sql: "campaign_id || '/' || n" },
    column: "detail",
    kind: "record",
    place: "monitoring.income_campaign",
  },
  { table: "monitoring.grid_worker", id: "id", column: "secret", kind: "record" },
  { table: "monitoring.sweep_finding", id: "id", column: "note", kind: "record" },
  { table: "monitoring.task_force_change", id: "id", column: "people", kind: "record" },
  { table: "monitoring.visit_amendment", id: "id", column: "reason", kind: "record" },
  { table: "monitoring.visit", id: "id", column: "note", kind: "record" },
  { table: "monitoring.department_record", id: "id", column: "secret", kind: "record" },
  // A row of a list is sealed under the id it will have as a record, before it is one.
  { table: "monitoring.feed_row", id: "record_id", column: "secret", kind: "record", place: "monitoring.department_record" },
  { table: "monitoring.feed_match", id: "id", column: "secret", kind: "record", place: "monitoring.department_record" },
];

/** Bytes that are no seal. Keyed indexes are made with the index key, which a rotation leaves alone: what is found today is found tomorrow. */
export const unsealed: readonly PlainBytes[] = [
  { table: "monitoring.person", column: "identity_index", because: "keyed index of the identity number" },
  { table: "monitoring.join_request", column: "identity_index", because: "keyed index of the identity number" },
  { table: "monitoring.suspect", column: "fingerprint", because: "keyed hash of the values that look wrong" },
  { table: "monitoring.name_token", column: "token", because: "keyed index of a part of a name" },
  { table: "monitoring.department_record", column: "record_index", because: "keyed index of what a list calls the fact" },
  { table: "monitoring.feed_row", column: "person_index", because: "keyed index of the identity number" },
  { table: "monitoring.feed_row", column: "name_token", because: "keyed index of a whole name" },
  { table: "monitoring.feed_row", column: "record_index", because: "keyed index of what a list calls the fact" },
  { table: "monitoring.feed_match", column: "record_index", because: "keyed index of what a list calls the fact" },
  { table: "monitoring.false_lead", column: "facts_hash", because: "SHA-256 of a rule's facts, which name nobody" },
];
