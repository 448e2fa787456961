"""A made-up on-demand model that streams Markdown at an exact pace; `python -m tests.benchmarks.model` prints its port.

Its services are named by their pace: `p50` sends 50 chunks a second for ten seconds, `burst` 5,000 at once.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice

PACES = {"p50": (50.0, 500), "p150": (150.0, 1_500), "burst": (0.0, 5_000), "long": (0.0, 14_000)}
"""Service → chunks a second (0: as fast as they go), and how many; `long` is an answer of about 50 KB."""
THE_END = "endOfTheAnswer"

HEADING = "How the queue drains"
PARTS = (
    f"## {HEADING}\n\nEach worker takes the *oldest* job first and tells the **dispatcher** when it is done; "
    "a job that fails twice is set aside with its `request_id` for a person to look at.\n\n",
    "- one connection per worker\n- a pause that doubles after each refusal\n- nothing is sent again that may have "
    "been paid for\n\n",
    "```python\ndef drain(jobs: list[Job]) -> int:\n    done = 0\n    for job in sorted(jobs, key=Job.age):\n"
    "        if job.run(timeout=30):\n            done += 1\n    return done\n```\n\n",
    "| machine | hourly | waits |\n|---|---:|---:|\n| vm_gt1 | 0.40 | 12 s |\n| vm_v100 | 1.25 | 48 s |\n\n",
)


def chunks(count: int) -> Iterator[str]:
    """Give pieces of about four characters, and words that end it."""
    text = (part[at : at + 4] for part in cycle(PARTS) for at in range(0, len(part), 4))
    yield from islice(text, count - 1)
    yield f"\n```\n\n{THE_END}\n"


def service(name: str) -> dict[str, object]:
    """Describe a service as the cloud lists one."""
    inputs = {"messages": {"type": "chat_array", "required": True}, "max_tokens": {"type": "integer"},
              "stream": {"type": "bool", "default": True}}  # fmt: skip
    return {
        "id": f"srvc_{name}", "name": name, "alias": name, "state": "public", "workload_type": "llm", "rank": 1,
        "workers": 1, "default_prediction": "completions",
        "predictions": {"completions": {"rank": 1, "cost_divisor": 1_000_000, "cost": {"input": 0.01, "output": 0.01},
                                        "input_vars": inputs, "output_vars": {"message": {"type": "string"}}}},
    }  # fmt: skip


async def answer(writer: asyncio.StreamWriter, name: str) -> float:
    """Stream one answer; gives the moment its last chunk was sent."""
    pace, count = PACES[name]
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
    began = time.monotonic()
    for number, text in enumerate(chunks(count)):
        if pace:
            await asyncio.sleep(max(0.0, began + number / pace - time.monotonic()))
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
        writer.write(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n")
        if not pace and number % 50 == 0:
            await writer.drain()
    await writer.drain()
    ended = time.monotonic()
    usage = {"prompt_tokens": 9, "completion_tokens": count, "total_tokens": count + 9}
    last = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage}
    writer.write(b"data: " + json.dumps(last).encode() + b"\n\ndata: [DONE]\n\n")
    return ended


async def serve() -> None:
    """Serve until killed. `/ended` tells when the last chunk of the last answer was sent."""
    ended = 0.0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal ended
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, target, _ = head.split(" ", 2)
        path = target.partition("?")[0]
        if method == "POST":
            size = int(head.lower().partition("content-length:")[2].split()[0])
            body = json.loads(await reader.readexactly(size))
            name = body.get("model") or path.split("/")[2]
            ended = await answer(writer, name)
        else:
            found = {"/service/list": {"services": [service(name) for name in PACES]}, "/ended": ended}.get(path, {})
            said = json.dumps({"status": "success", "body": found}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n")
            writer.write(b"Content-Length: %d\r\n\r\n" % len(said) + said)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
