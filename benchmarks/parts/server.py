"""The dashboard's server, started for a measurement."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def served(cache: Path) -> AsyncIterator[tuple[int, str]]:
    """Serve the dashboard from a cache folder; yield the server's process id and address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)),
        cwd=ROOT,
        env=os.environ | {"FACTORSCOPE_CACHE": str(cache)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            await asyncio.sleep(0.1)
        yield server.pid, f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        await server.wait()
