/** The way to a server over TCP, which can be shut: then connections break before there is any answer. */

export interface Door {
  /** Of the server behind it, by way of the door. */
  url: string;
  close(): void;
}

/** The longest request that the door looks at, in bytes. */
const requestLengthMax = 1_000_000;

/**
 * @param target The server's address, with `http://`.
 * @param isShut Asked for each request, by its path.
 */
export function openDoor(target: string, isShut: (path: string) => boolean): Door {
  const { hostname, port } = new URL(target);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const letIn = async () => {
    for await (const connection of listener) {
      pass(connection, { hostname, port: Number(port) }, isShut).catch(() => {
        // Either side may go away at any moment.
      });
    }
  };
  letIn();
  return {
    url: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    close: () => listener.close(),
  };
}

/** One connection is one request, so that each of them can be shut out. */
async function pass(
  connection: Deno.TcpConn,
  target: { hostname: string; port: number },
  isShut: (path: string) => boolean,
): Promise<void> {
  using client = connection;
  const bytes = new Uint8Array(requestLengthMax);
  let length = 0;
  let head = "";
  while (!head.includes("\r\n\r\n")) {
    const count = await client.read(bytes.subarray(length));
    if (count === null) return;
    length += count;
    head = new TextDecoder().decode(bytes.subarray(0, length));
  }
  if (isShut(head.split(" ", 2)[1])) return;
  using server = await Deno.connect(target);
  const request = head.replace("\r\n", "\r\nconnection: close\r\n");
  await server.write(new TextEncoder().encode(request));
  await Promise.race([
    client.readable.pipeTo(server.writable, { preventClose: true }),
    server.readable.pipeTo(client.writable, { preventClose: true }),
  ]);
}
