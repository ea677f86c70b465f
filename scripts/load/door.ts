/** The way to a server over TCP, which can be shut: then nobody answers there, as if the server were not running. */
import { listenOnFreePort } from "../ports.ts";

export class Door {
  /** Of the server behind it, by way of the door. */
  readonly url: string;
  readonly #target: { hostname: string; port: number };
  readonly #port: number;
  #listener: Deno.TcpListener | null;

  /** @param target The server's address, with `http://`. The door is open at first. */
  constructor(target: string) {
    const { hostname, port } = new URL(target);
    this.#target = { hostname, port: Number(port) };
    this.#listener = listenOnFreePort();
    this.#port = this.#listener.addr.port;
    this.url = `http://127.0.0.1:${this.#port}`;
    this.#letIn(this.#listener);
  }

  open(): void {
    if (this.#listener !== null) return;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: this.#port });
    this.#letIn(this.#listener);
  }

  /** Lets nobody in any more; who is inside stays. */
  shut(): void {
    this.#listener?.close();
    this.#listener = null;
  }

  async #letIn(listener: Deno.TcpListener): Promise<void> {
    for await (const client of listener) {
      this.#pass(client).catch(() => {
        // Either side may go away at any moment.
      });
    }
  }

  async #pass(client: Deno.TcpConn): Promise<void> {
    using server = await Deno.connect(this.#target);
    await Promise.race([
      client.readable.pipeTo(server.writable),
      server.readable.pipeTo(client.writable),
    ]);
  }
}
