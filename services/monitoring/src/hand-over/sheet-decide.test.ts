import { expect, test } from "vitest";
import { readReassignment } from "./sheet-decide.ts";

const helper = {
  household: "4512280001",
  office: "帮扶责任人",
  to: "taker",
  from: "",
  name: "覃建国",
  unit: "县水利局",
  phone: "13800138001",
};
test.each<[string, Partial<typeof helper>, unknown]>([
  [
    "a helper's line",
    {},
    {
      office: "helper",
      household: "4512280001",
      from: null,
      to: "taker",
      name: "覃建国",
      unit: "县水利局",
      phone: "13800138001",
    },
  ],
  ["one of several helpers", { from: "leaver" }, expect.objectContaining({ from: "leaver" })],
  [
    "a grid worker's line needs no name and number",
    { office: "网格员", name: "", unit: "", phone: "" },
    { office: "grid-worker", household: "4512280001", to: "taker" },
  ],
  ["an office that there is not", { office: "村长" }, [expect.objectContaining({ zh: "岗位须为帮扶责任人或网格员" })]],
  ["a helper who cannot be called", { phone: "123" }, [expect.objectContaining({ zh: expect.any(String) })]],
  [
    "everything that is wrong, at once",
    { household: "", to: "", name: "" },
    [expect.anything(), expect.anything(), expect.anything()],
  ],
])("%s", (_, more, expected) => {
  expect(readReassignment({ ...helper, ...more })).toEqual(expected);
});
