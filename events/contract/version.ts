/** The version of Turnlog whose contract this is: the one in the documents of its API and its topics. */
export const version = "0.2.0";
