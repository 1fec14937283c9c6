import { CaseId } from "@shouwang/contract";
import { z } from "zod";

export const CasePath = z.object({ caseId: CaseId });
