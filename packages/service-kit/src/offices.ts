import { Role } from "@shouwang/contract";

/** Every office. */
export const everyone: readonly Role[] = Role.options;
