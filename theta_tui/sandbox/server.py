"""Serves a world over loopback HTTP, in a thread of its own, so that the console's loop never waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from theta_tui.sandbox.app import build
from theta_tui.sandbox.world import World

HOST = "127.0.0.1"
_NODES = {"CHAIN": "chain", "CLI": "cli", "EDGECLOUD": "edge"}
_START_SECONDS = 5.0
_STOP_SECONDS = 2.0


class SandboxServer:
    """The simulated cloud on a loopback port; a context manager, both sync and async.

    A server that has been stopped is not started again; make a new one over the same world.
    """

    def __init__(self, world: World | None = None, *, port: int = 0) -> None:
        self.world = world or World()
        self.origin = ""
        self._port = port
        self._server = _Server(build(self.world))
        self._thread: threading.Thread | None = None

    def start(self) -> str:
        """Listen and answer; gives the origin, e.g. `http://127.0.0.1:43210`.

        Raises OSError when the port is occupied or nothing answers within five seconds.
        """
        listener = _listener(self._port)
        self.origin = self.world.origin = f"http://{HOST}:{listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._server.run_with, args=(listener,), name="sandbox", daemon=True)
        self._thread.start()
        if not self._server.ready.wait(_START_SECONDS):
            raise OSError(f"The sandbox did not start within {_START_SECONDS:.0f} s.")
        return self.origin

    def stop(self) -> None:
        """End all streams and close the port. Stopping twice does no harm."""
        self._server.ask_to_stop()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)

    def environment(self) -> dict[str, str]:
        """The variables with which any client talks to this server."""
        keys = self.world.keys
        families = ("ONDEMAND", "CONTROLLER", "PLATFORM", "AI", "VIDEO")
        return {
            **{f"THETA_{family}_API_BASE_URL": self.origin for family in families},
            **{f"THETA_{node}_RPC_URL": f"{self.origin}/rpc/{path}" for node, path in _NODES.items()},
            "THETA_EC_API_KEY": keys.project_api_key,
            "THETA_EC_PROJECT_ID": self.world.project_id,
            "THETA_ORG_ID": self.world.org_id,
            "THETA_ONDEMAND_API_TOKEN": keys.ondemand_token,
            "THETA_CHATBOT_TOKEN": keys.chatbot_token,
            "THETA_VIDEO_SA_ID": keys.video_sa_id,
            "THETA_VIDEO_SA_SECRET": keys.video_sa_secret,
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)


class _Connection(H11Protocol):
    """Puts the connection itself into the scope, for the faults that break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


class _Server(uvicorn.Server):
    """uvicorn without signals, logs and waiting."""

    def __init__(self, app: object) -> None:
        super().__init__(
            uvicorn.Config(
                app,  # type: ignore[arg-type]
                http=_Connection,
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                timeout_keep_alive=60,
            )
        )
        self.ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop_asked = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave SIGINT and SIGTERM to whoever embeds the server."""
        yield

    def run_with(self, listener: socket.socket) -> None:
        """The thread's whole life."""
        asyncio.run(self.serve([listener]))

    def ask_to_stop(self) -> None:
        """Called from another thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                self._loop.call_soon_threadsafe(self._stop_asked.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then tell the waiting thread."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        """Wait to be stopped, instead of looking ten times a second."""
        await self._stop_asked.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the port, cancel what is still being answered, drop the connections."""
        for server in self.servers:
            server.close()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)


def _listener(port: int) -> socket.socket:
    # asyncio switches Nagle's algorithm off only where the protocol is named; left on, every answer is 40 ms late.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        # Listening here finds an occupied port even where two sockets may be bound to it.
        listener.listen()
    except OSError as error:
        listener.close()
        raise OSError(
            error.errno, f"Port {port} on {HOST} cannot be used ({error.strerror}); choose another."
        ) from error
    return listener
