import type { ParameterDefinition } from "./parameter.ts";
import { claimParameters } from "./parameters/claims.ts";
import { cooperationParameters, socialParameters } from "./parameters/cooperation-and-social.ts";
import { fundsParameters } from "./parameters/funds.ts";
import { industryParameters } from "./parameters/industry.ts";
import { monitoredHouseholdParameters } from "./parameters/monitored-households.ts";
import { monitoringParameters } from "./parameters/monitoring.ts";
import { overallParameters } from "./parameters/overall.ts";
import { workAndPostParameters } from "./parameters/work-and-posts.ts";
import { workshopAndTrainingParameters } from "./parameters/workshops-and-training.ts";

const all = [
  ...overallParameters,
  ...monitoringParameters,
  ...monitoredHouseholdParameters,
  ...claimParameters,
  ...workAndPostParameters,
  ...workshopAndTrainingParameters,
  ...industryParameters,
  ...fundsParameters,
  ...cooperationParameters,
  ...socialParameters,
];

/** The keys of all parameters; a misspelt one does not compile. */
export type ParameterKey = (typeof all)[number]["key"];

/** The definition behind one key, with its unit and the type of its value. */
export type ParameterOf<Key extends ParameterKey> = Extract<(typeof all)[number], { readonly key: Key }>;

/** Every amount, threshold, day count and switch of the plan, with the value it has from the start. Annual amounts stay in force until replaced. */
export const parameterDefinitions: readonly ParameterDefinition<ParameterKey>[] = all;

const byKey = new Map<string, ParameterDefinition<ParameterKey>>(
  parameterDefinitions.map((definition) => [definition.key, definition]),
);

/** The definition of a key, or undefined when there is none. */
export function findParameter(key: string): ParameterDefinition<ParameterKey> | undefined {
  return byKey.get(key);
}

/** The definition of a known key; its value has the type of its unit, or is null while not loaded or open. */
export function getParameter<Key extends ParameterKey>(key: Key): ParameterOf<Key> {
  const definition = byKey.get(key);
  if (!definition) throw new RangeError(`No parameter has the key ${JSON.stringify(key)}`);
  return definition as ParameterOf<Key>; // Safe: the map is made from the very list the type is read from, by key.
}
