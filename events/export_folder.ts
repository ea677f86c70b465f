/** Where the files of exports are: a folder for each in the data folder, which the api and its workers share. */

/** @param dataFolder `TURNLOG_DATA`. */
export function exportFolder(dataFolder: string, exportId: string): string {
  return `${dataFolder}/exports/${exportId}`;
}
