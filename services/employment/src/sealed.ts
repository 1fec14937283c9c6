import type { PlainBytes, SealedColumn } from "@shouwang/service-kit";

/** Everything this department keeps sealed: who a person is and how to reach them. */
export const sealed: readonly SealedColumn[] = [
  { table: "employment.person_identity", id: "person_id", column: "secret", kind: "record" },
  {
    table: "employment.person_identity",
    id: "person_id",
    column: "phone_secret",
    kind: "record",
    place: "employment.person_identity.phone",
  },
  { table: "employment.work_record", id: "id", column: "secret", kind: "record" },
  { table: "employment.employer", id: "id", column: "secret", kind: "record" },
  { table: "employment.public_welfare_post", id: "id", column: "secret", kind: "record" },
  {
    ...{ table: "employment.work_record", id: "id", column: "void_secret", kind: "record" },
    place: "employment.work_record.void",
  },
  { table: "employment.labour_line", id: "id", column: "secret", kind: "record" },
  { table: "employment.work_import_row", id: { sql: "list_id || '/' || line" }, column: "secret", kind: "record" },
];

export const unsealed: readonly PlainBytes[] = [
  { table: "employment.person_identity", column: "identity_index", because: "keyed index of the identity number" },
  { table: "employment.work_import_row", column: "person_index", because: "keyed index of the identity number" },
  { table: "employment.work_record", column: "employer_index", because: "keyed index of the employer's name" },
];
