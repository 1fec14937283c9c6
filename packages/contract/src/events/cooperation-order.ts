import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, Fen } from "../vocabulary.ts";
import { county as exampleCounty, ids } from "./examples.ts";
import { county, idOf } from "./fields.ts";
import { OrganisationId } from "./payment.ts";

export const AssistingUnitId = idOf("AssistingUnitId", "Assisting unit");
export type AssistingUnitId = z.infer<typeof AssistingUnitId>;

export const ConsumptionOrderState = z.object({
  orderId: idOf("ConsumptionOrderId", "Order of produce"),
  platform: z
    .enum(["state-enterprise", "e-commerce", "platform-832", "live-stream", "direct", "other"])
    .describe("Platform it ran over"),
  buyer: z
    .enum(["government", "public-institution", "state-enterprise", "trade-union", "private-enterprise", "individuals"])
    .describe("Kind of buyer"),
  buyerIn: z.enum(["guangxi", "guangdong", "elsewhere"]).describe("Where the buyer is"),
  assistingUnitId: AssistingUnitId.nullable().describe("Buying assisting unit, or null"),
  sellerId: OrganisationId.nullable().describe("Seller, or null when not registered"),
  county: county.describe("County the produce is from"),
  side: z.enum(["purchase", "help-selling"]).describe("Bought, or sold with help"),
  amountFen: Fen.describe("Amount, in fen"),
  refundFen: Fen.describe("Refunded of it, in fen"),
  orderedOn: DateText.describe("Day of the order"),
  status: z.enum(["recorded", "voided"]).describe("voided: a duplicate or an error"),
});
export type ConsumptionOrderState = z.infer<typeof ConsumptionOrderState>;
const orderExample: z.input<typeof ConsumptionOrderState> = {
  orderId: ids.source,
  platform: "platform-832",
  buyer: "government",
  buyerIn: "guangdong",
  assistingUnitId: null,
  sellerId: ids.organisation,
  county: exampleCounty,
  side: "purchase",
  amountFen: 1_250_000,
  refundFen: 0,
  orderedOn: "2022-09-06",
  status: "recorded",
};
const aboutOrder = {
  kind: "state",
  clauses: ["C-08", "C-10", "C-11", "C-13", "I-11", "S-01"],
  readers: ["industry", "social", "gateway", "integrators"],
} as const;

/** The one register of orders of produce, any buyer. */
export const ConsumptionOrderRecorded = defineEvent("cooperation.consumption-order.recorded", 1, ConsumptionOrderState, {
  ...aboutOrder,
  title: { zh: "消费帮扶订单已登记", en: "Order of produce recorded" },
  example: orderExample,
});
export const ConsumptionOrderRefunded = defineEvent("cooperation.consumption-order.refunded", 1, ConsumptionOrderState, {
  ...aboutOrder,
  title: { zh: "消费帮扶订单已退款", en: "Order of produce refunded" },
  example: { ...orderExample, refundFen: 250_000 },
});
export const ConsumptionOrderVoided = defineEvent("cooperation.consumption-order.voided", 1, ConsumptionOrderState, {
  ...aboutOrder,
  title: { zh: "消费帮扶订单已作废", en: "Order of produce voided" },
  example: { ...orderExample, status: "voided" },
});

export const ZhenpinCertificateState = z.object({
  zhenpinCertificateId: idOf("ZhenpinCertificateId", "Zhenpin certificate of one product"),
  holderId: OrganisationId,
  county,
  firstGrantedOn: DateText.describe("Day of the first certificate; decides the year it counts for"),
  validUntil: DateText.describe("Last day of validity"),
  status: z.enum(["granted", "expired", "revoked"]).describe("Where the certificate stands"),
});
export type ZhenpinCertificateState = z.infer<typeof ZhenpinCertificateState>;
const certificateExample: z.input<typeof ZhenpinCertificateState> = {
  zhenpinCertificateId: ids.source,
  holderId: ids.organisation,
  county: exampleCounty,
  firstGrantedOn: "2022-07-19",
  validUntil: "2025-07-18",
  status: "granted",
};
const aboutCertificate = { kind: "state", clauses: ["C-09", "C-12"], readers: ["industry", "gateway", "integrators"] } as const;

export const ZhenpinCertificateGranted = defineEvent("cooperation.zhenpin-certificate.granted", 1, ZhenpinCertificateState, {
  ...aboutCertificate,
  title: { zh: "圳品已认证", en: "Zhenpin certificate granted" },
  example: certificateExample,
});
export const ZhenpinCertificateRenewed = defineEvent("cooperation.zhenpin-certificate.renewed", 1, ZhenpinCertificateState, {
  ...aboutCertificate,
  title: { zh: "圳品已续期", en: "Zhenpin certificate renewed" },
  example: { ...certificateExample, validUntil: "2028-07-18" },
});
export const ZhenpinCertificateEnded = defineEvent("cooperation.zhenpin-certificate.ended", 1, ZhenpinCertificateState, {
  ...aboutCertificate,
  title: { zh: "圳品已到期或撤销", en: "Zhenpin certificate expired or revoked" },
  example: { ...certificateExample, status: "expired" },
});

export const SupplyBaseChanged = defineEvent(
  "cooperation.supply-base.changed",
  1,
  z.object({
    supplyBaseId: idOf("SupplyBaseId", "Supply base for Guangdong and Shenzhen"),
    operatorId: OrganisationId,
    county,
    builtOn: DateText.describe("Day it was recognised; decides the year it counts for"),
    active: z.boolean().describe("Still in use"),
  }),
  {
    kind: "state",
    title: { zh: "供粤供深示范基地已变更", en: "Supply base built or changed" },
    clauses: ["C-12"],
    readers: ["industry", "gateway", "integrators"],
    example: {
      supplyBaseId: ids.source,
      operatorId: ids.organisation,
      county: exampleCounty,
      builtOn: "2022-08-09",
      active: true,
    },
  },
);

export const PlatformSupplierChanged = defineEvent(
  "cooperation.platform-supplier.changed",
  1,
  z.object({
    supplierId: idOf("PlatformSupplierId", "Supplier on the 832 platform"),
    organisationId: OrganisationId,
    county,
    products: z.int().nonnegative().describe("Products on sale"),
    status: z.enum(["recommended", "on-sale", "suspended"]).describe("Where the supplier stands"),
  }),
  {
    kind: "state",
    title: { zh: "832平台供应商已变更", en: "Supplier on the 832 platform changed" },
    clauses: ["C-11"],
    readers: ["industry", "gateway", "integrators"],
    example: { supplierId: ids.source, organisationId: ids.organisation, county: exampleCounty, products: 4, status: "on-sale" },
  },
);
