/** For so long a wake that failed is not tried again, unless an operator asks for it, in milliseconds. */
export const failedWakeMs = 60_000;
