/** The steps of a turn on the store, as its workflow takes them. */
import { proxyLocalActivities } from "@temporalio/workflow";
import type { Activities } from "./activities.ts";

/** Short, so local, and tried again for as long as the store is away (a full disk, say). */
export const { storeMessage, waitTurn, rerouteTurn, endTurn } = proxyLocalActivities<Activities>({
  startToCloseTimeout: "10s",
  retry: { initialInterval: "100ms", maximumInterval: "10s" },
});
