/** What tells made-up events from those of users: all of them name this as the part of Turnlog that states them. */
export const seedSource = "turnlog/seed";
