/** Whether the window is as narrow as a phone, where the list of conversations is a drawer. */
import { signal } from "@preact/signals";

const query = matchMedia("(max-width: 767px)");

export const isPhone = signal(query.matches);
query.addEventListener("change", () => isPhone.value = query.matches);
