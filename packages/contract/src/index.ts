export * from "./asyncapi.ts";
export { columnTitles } from "./column-titles.ts";
export * from "./decision.ts";
export * from "./define-event.ts";
export * from "./define-private-event.ts";
export * from "./envelope.ts";
export * from "./events/index.ts";
export * from "./problems.ts";
export * from "./vocabulary.ts";
