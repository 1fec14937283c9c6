import { type Refusal, refuse } from "@shouwang/contract";
import { z } from "zod";
import { actingAs, isInForce } from "./acting-decide.ts";
import { appointmentsOf, findAppointment } from "./acting-store.ts";
import { type BusinessDate, businessDate } from "./calendar.ts";
import { businessNow } from "./clock.ts";
import type { Database, Executor } from "./database.ts";
import { actorOf, type Principal } from "./principal.ts";

/** The header that says in which acting appointment a request is made. Without it somebody acts in his own office. */
export const actingHeader = "sw-acting";

/**
 * Whether somebody may go on as he was let in: in his own office always, in another's while an appointment puts him there. Asked again by long work, which is
 * given under the office it was asked for in.
 */
export async function mayGoOn(tx: Executor, actor: Principal, today: BusinessDate): Promise<boolean> {
  if (actor.actingFor === undefined) return true;
  const office = actor.region.padEnd(12, "0");
  const appointments = await appointmentsOf(tx, actorOf(actor));
  return appointments.some(
    (one) =>
      one.actingFor === actor.actingFor && actor.roles.includes(one.role) && one.region === office && isInForce(one, today),
  );
}

/** Whoever asks, in the office an appointment puts him in; a refusal when it is not his or not in force today. One request is made in one office. */
export async function inOffice<Db>(
  db: Database<Db>,
  person: Principal,
  appointmentId: string | undefined,
): Promise<Principal | Refusal<"acting-not-in-force">> {
  if (appointmentId === undefined) return person;
  const id = z.uuid().safeParse(appointmentId);
  if (!id.success) return refuse("acting-not-in-force");
  return await db.withReadTx(person, async (tx) => {
    const appointment = await findAppointment(tx, id.data);
    const today = businessDate(await businessNow(tx));
    return appointment && appointment.acting === actorOf(person) && isInForce(appointment, today)
      ? actingAs(person, appointment)
      : refuse("acting-not-in-force");
  });
}
