import { slice } from "../kit.ts";
import { approvePayList } from "./approve-job.ts";
import { checkAttendance, listAttendanceRoute, recordAttendance, reopenAttendance } from "./attendance.ts";
import { clawBackPay, listPayLines, rejectPay, resendPay } from "./line.ts";
import {
  approvePayListRoute,
  cancelPayList,
  checkPayList,
  listPayLists,
  makePayList,
  readPayList,
  returnPayList,
  workOutAgain,
} from "./list.ts";
import { workOutPayList } from "./list-job.ts";

/** A month at the posts: attendance, the pay list of a place as one batch, and every line of it until the money has arrived. */
export const postPaySlice = slice({
  name: "post-pay",
  title: { zh: "公益岗补贴", en: "Pay of posts" },
  routes: [
    ...[listAttendanceRoute, recordAttendance, checkAttendance, reopenAttendance],
    ...[makePayList, workOutAgain, checkPayList, returnPayList, approvePayListRoute, cancelPayList, listPayLists, readPayList],
    ...[listPayLines, resendPay, rejectPay, clawBackPay],
  ],
  jobs: [workOutPayList, approvePayList],
});
