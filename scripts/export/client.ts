/** Asks the api about exports, as an operator. */
import type { ExportView } from "../../events/contract/export.ts";
import type { ExportFile } from "../../events/contract/export_files.ts";
import { OperatorClient } from "../operator_client.ts";

export class ExportClient extends OperatorClient {
  async start(request: Record<string, unknown>): Promise<ExportView> {
    return await (await this.send("POST", "/api/exports", request)).json();
  }

  async read(id: string): Promise<ExportView> {
    return await (await this.send("GET", `/api/exports/${id}`)).json();
  }

  async stop(id: string): Promise<void> {
    await (await this.send("POST", `/api/exports/${id}/stop`)).body?.cancel();
  }

  /** @returns Where the file is now. */
  async download(id: string, { name }: ExportFile, folder: string): Promise<string> {
    const { body } = await this.send("GET", `/api/exports/${id}/files/${name}`);
    const path = `${folder}/${name}`;
    await Deno.writeFile(path, body!);
    return path;
  }
}
