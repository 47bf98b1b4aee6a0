"""Kills one of two real replicas under load and compares every answer with the one of an engine that was left alone.

    python -m tests.chaos.replicas --replica http://127.0.0.1:8100 --replica http://127.0.0.1:8200 --key KEY --kill PID

The engines are started before, each by the command line that docs/models.md gives; PID is that of the second.
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import httpx2
import orjson

from tests.processes import eventually, free_port, running
from tests.signed import INTERNAL_KEY, Signed

_CHAT = "/v1/chat/completions"
_STREAMS = 8
_TOKENS = 64


def main() -> None:
    """Run it and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replica", action="append", required=True, help="address of an engine; give two")
    parser.add_argument("--key", required=True, help="API key of both")
    parser.add_argument("--kill", type=int, required=True, help="process id of the second engine")
    parser.add_argument("--model", default="SmolLM2-135M-Instruct")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        catalogue = home / "models.toml"
        catalogue.write_text(f'[[models]]\nname = "{given.model}"\nreplicas = {given.replica}\n')
        url = f"http://127.0.0.1:{free_port()}"
        env = {
            "RAGWORKS_HOME": folder,
            "RAGWORKS_INTERNAL_KEY": INTERNAL_KEY,
            "RAGWORKS_ENGINE_KEY": given.key,
            "RAGWORKS_INFERENCE_URL": url,
            "RAGWORKS_INFERENCE_MODELS": str(catalogue),
        }
        with running("services.inference", env, ready=f"{url}/readyz"):
            asyncio.run(_drive(url, given.model, given.kill))


async def _drive(url: str, model: str, victim: int) -> None:
    async with httpx2.AsyncClient(base_url=url, auth=Signed("inference"), timeout=600) as client:
        expected = [await _ask(client, _body(model, number)) for number in range(_STREAMS)]
        running_streams = [asyncio.create_task(_ask(client, _body(model, number))) for number in range(_STREAMS)]

        async def both_work() -> bool:
            replicas = (await client.get("/api/models")).json()["models"][0]["replicas"]
            return all(replica["running"] >= 2 for replica in replicas)

        await eventually(both_work, deadline_s=30, what="both replicas to work")
        await asyncio.sleep(1.5)
        os.kill(victim, signal.SIGKILL)
        killed = time.monotonic()
        answers = await asyncio.gather(*running_streams)
        _say(f"killed; all {_STREAMS} streams had ended {time.monotonic() - killed:.1f} s later")
        for number, (answer, wanted) in enumerate(zip(answers, expected, strict=True)):
            same = "equal" if answer == wanted else f"DIFFERENT\n  wanted {wanted!r}\n  got    {answer!r}"
            _say(f"stream {number}: {same}")
        metrics = (await client.get("/metrics")).text.splitlines()
        _say("\n".join(line for line in metrics if line.startswith("ragworks_takeovers_total")))
        _say((await client.get("/api/models")).json()["models"][0]["replicas"])


async def _ask(client: httpx2.AsyncClient, body: dict[str, object]) -> str:
    text = ""
    async with client.stream("POST", _CHAT, json=body) as answer:
        async for line in answer.aiter_lines():
            if '"error"' in line:
                return f"{text} <{line}>"
            if '"content":"' in line:
                text += line
    return _joined(text)


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")


def _joined(lines: str) -> str:
    events = [orjson.loads(part) for part in lines.split("data: ") if part]
    return "".join(event["choices"][0]["delta"].get("content", "") for event in events)


def _body(model: str, number: int) -> dict[str, object]:
    question = f"Tell me a story about the number {number} and a fox."
    messages = [{"role": "user", "content": question}]
    return {"model": model, "messages": messages, "max_tokens": _TOKENS, "temperature": 0, "stream": True}


if __name__ == "__main__":
    main()
