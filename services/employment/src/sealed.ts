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
];

export const unsealed: readonly PlainBytes[] = [
  { table: "employment.person_identity", column: "identity_index", because: "keyed index of the identity number" },
];
