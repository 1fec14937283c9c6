export * from "./audit.ts";
export { IssuerAway, NotSignedIn, type TokenVerifier, tokenVerifier } from "./auth.ts";
export { type Bulk, type BulkChoice, bulkMost } from "./bulk.ts";
export * from "./calendar.ts";
export { type ClaimParts, claimParts } from "./claim.ts";
export { claimStatusTitles, type Standing } from "./claim-decide.ts";
export { claimFigures } from "./claim-figure-store.ts";
export * from "./claim-key.ts";
export { claimKindOf, type FurtherKeys, type Prepared } from "./claim-kind.ts";
export { forgetClaimant } from "./claim-note.ts";
export type { Assessment } from "./claim-rule-decide.ts";
export { statusTold } from "./claim-step.ts";
export type { Claim } from "./claim-store.ts";
export { businessNow } from "./clock.ts";
export { readConfig } from "./config.ts";
export { brokenConstraint, type Database, type Executor, inSavepoint, isOutage, openDatabase, type Tx } from "./database.ts";
export * from "./deadline.ts";
export * from "./declare.ts";
export * from "./file.ts";
export { fileMentions } from "./file-mention.ts";
export {
  type Form,
  factsHash,
  fileSignedForm,
  findForm,
  formPaper,
  formsOf,
  lockFormByCode,
  type NewForm,
  printForm,
} from "./form.ts";
export { type DraftedForm, formBatchJob } from "./form-batch.ts";
export { type FormMark, printedCode, readFormCode } from "./form-code.ts";
export { decideReturn } from "./form-decide.ts";
export type { Paper, PaperPart } from "./form-paper.ts";
export { marksIn, type Scan, scanOf } from "./form-scan.ts";
export { checkVersion } from "./http.ts";
export * from "./identity.ts";
export * from "./identity-account.ts";
export * from "./identity-mask.ts";
export type { Refused, RuleNote } from "./identity-text.ts";
export { type ChunkResult, findJob, type JobKind, requestJob } from "./job.ts";
export type { KeptFor } from "./kept-for.ts";
export { loadParameter } from "./loading.ts";
export { type Log, openLog } from "./log.ts";
export { type MeasuredRequest, requestMeter } from "./metrics.ts";
export { migrate } from "./migrate.ts";
export { everyone } from "./offices.ts";
export { basePathOf, describeSecurity, openApiDocument, problemsOf, routesOf } from "./openapi.ts";
export { problemAnswers, withProblemExamples } from "./openapi-problem.ts";
export { operate } from "./operate.ts";
export { afterCursor, cutPage, PageQuery, pageOf } from "./page.ts";
export * from "./parameter.ts";
export { fitsUnit } from "./parameter-value.ts";
export { type PaymentAsked, paymentReader, paymentsBy, type Settler } from "./payment-request.ts";
export * from "./personal-data.ts";
export { IndicatorView } from "./platform-routes.ts";
export * from "./posting.ts";
export { actorOf, mayReach, type Principal, system } from "./principal.ts";
export { owePrivately, type PrivateState, tellAgain } from "./private-event.ts";
export { decryptOwn, encryptFor, type PrivateKeys, parsePrivateKeys, recipientsOf } from "./private-keys.ts";
export { forgetPrivately } from "./private-message.ts";
export { ProblemDocument, problemResponse } from "./problem.ts";
export { limitSetting, rateLimiter } from "./rate-limit.ts";
export type { Incoming, Reader } from "./reader.ts";
export * from "./received-list.ts";
export * from "./received-rows.ts";
export * from "./review-chain.ts";
export type { Round, RoundPeriod } from "./round.ts";
export { misdeclaredBytes, type PlainBytes, type SealedColumn } from "./sealed-column.ts";
export * from "./sheet.ts";
export { type SheetFailure, SheetRefusal } from "./sheet-refusal.ts";
export * from "./sheet-value.ts";
export * from "./sheet-write.ts";
export { type Running, runService, startService } from "./start.ts";
export { inSpan, traceparent } from "./telemetry.ts";
