/** The registry of provider kinds. */
import type { ProviderKind } from "../../events/contract/turn_plan.ts";
import { anthropic } from "./anthropic.ts";
import { openai } from "./openai.ts";
import type { Provider } from "./provider.ts";
import { simulated } from "./simulated.ts";

export const providers: Record<ProviderKind, Provider> = { openai, anthropic, simulated };
