import { PersonErased, PersonIdentityRecorded, PersonPhoneRecorded } from "@shouwang/contract";
import { privateReader } from "../kit.ts";
import { forgetPosted } from "../post-holder/store.ts";
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
    else {
      const { personId } = PersonErased.schema.parse(data);
      await forgetPosted(tx, keys, personId);
      await forgetIdentity(tx, keys, personId);
    }
    return [];
  },
});
