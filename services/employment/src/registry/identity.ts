import { PersonErased, PersonIdentityRecorded, PersonPhoneRecorded } from "@shouwang/contract";
import { privateReader } from "../kit.ts";
import { forgetIdentity, keepIdentity, keepPhone } from "./identity-store.ts";

/** Names, identity numbers and phones as monitoring tells them privately, sealed again under this department's own keys. */
export const identities = privateReader({
  name: "identities",
  events: [PersonIdentityRecorded, PersonPhoneRecorded, PersonErased],
  apply: async (tx, { definition, data, envelope }, keys) => {
    if (definition.type === PersonIdentityRecorded.type)
      await keepIdentity(tx, keys, envelope, PersonIdentityRecorded.schema.parse(data));
    else if (definition.type === PersonPhoneRecorded.type)
      await keepPhone(tx, keys, envelope, PersonPhoneRecorded.schema.parse(data));
    else await forgetIdentity(tx, keys, PersonErased.schema.parse(data).personId);
    return [];
  },
});
