import { spawnSync } from "node:child_process";

/**
 * Runs kysely-codegen for one department's schema in a migrated database: writes the table types to `file`, or compares them with it.
 * @throws when `verify` is asked for and the file is not what the migrations make
 */
export function tableTypes(department: string, url: string, file: string, verify: boolean): void {
  const options = {
    dialect: "postgres",
    url,
    "out-file": file,
    "include-pattern": `${department}.*`,
    "date-parser": "string",
    "type-mapping": JSON.stringify({ int8: "number" }),
  };
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const { status, stdout, stderr } = spawnSync("kysely-codegen", [...flags, ...(verify ? ["--verify"] : [])], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${file} is not what the migrations make; npm run codegen writes it\n${stdout}${stderr}`);
}
