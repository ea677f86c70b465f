/** The project's own source files. */

/** What other people's code, data and output lie in. */
const otherFolders = ["node_modules", ".git", ".turnlog"];

/**
 * @param root The project's folder.
 * @returns The paths of all TypeScript and JavaScript files in it, relative to it, in order.
 */
export function sourceFiles(root: string): string[] {
  return filesIn(root, "").filter((path) => /\.(ts|js)$/.test(path)).sort();
}

function filesIn(root: string, folder: string): string[] {
  return [...Deno.readDirSync(`${root}/${folder}`)].flatMap(({ name, isDirectory }) => {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (!isDirectory) return [path];
    return otherFolders.includes(name) ? [] : filesIn(root, path);
  });
}
