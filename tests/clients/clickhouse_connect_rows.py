"""Asks the ClickHouse at the address in argv with clickhouse-connect, and prints the rows of each query of argv as JSON."""

import json
import sys
from urllib.parse import urlparse

import clickhouse_connect

address, *queries = sys.argv[1:]
url = urlparse(address)
client = clickhouse_connect.get_client(host=url.hostname, port=url.port)
for query in queries:
    rows = client.query(query).result_rows
    print(json.dumps(rows, default=str))
streamed = 0
with client.query_row_block_stream("SELECT number FROM numbers(200000)") as blocks:
    for block in blocks:
        streamed += len(block)
frame = client.query_df("SELECT number FROM numbers(5)")
print(json.dumps({"version": client.server_version, "streamed": streamed, "frame": int(frame["number"].sum())}))
