/** The least that Temporal can do: one workflow with one activity. What a turn takes is held against it. */
import { proxyActivities } from "@temporalio/workflow";

const { tellTime } = proxyActivities<{ tellTime(): Promise<number> }>({
  startToCloseTimeout: "10s",
});

export async function bare(): Promise<number> {
  return await tellTime();
}
