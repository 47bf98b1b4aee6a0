"""The `ragworks` command against a whole platform: what it prints, what it leaves behind, how it ends."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.clients import http_client
from tests.e2e.documents import HARBOUR, LIGHTHOUSE
from tests.platforms import RAGWORKS, Platform, ragworks
from tests.processes import REPOSITORY

COLLECTION = "coast"


@pytest.fixture
def coast(tmp_path: Path) -> Path:
    folder = tmp_path / "coast"
    folder.mkdir()
    (folder / "lighthouse.md").write_text(LIGHTHOUSE)
    (folder / "harbour.md").write_text(HARBOUR)
    return folder


@pytest.fixture
def ingested(platform: Platform, coast: Path) -> Path:
    done = ragworks("ingest", str(coast), "-c", COLLECTION, "--relative-to", str(coast), env=platform.env)
    assert done.returncode == 0, done.stderr
    return coast


def test_ingesting_again_sends_nothing(platform: Platform, coast: Path) -> None:
    arguments = ("ingest", str(coast), "-c", "again", "--json")
    first = json.loads(ragworks(*arguments, env=platform.env).stdout)
    second = json.loads(ragworks(*arguments, env=platform.env).stdout)
    assert (first["added"], first["done"], first["unchanged"]) == (2, 2, 0)
    assert (second["added"], second["done"], second["unchanged"], second["jobs"]) == (0, 0, 2, [])
    (coast / "harbour.md").write_text(HARBOUR + "\nThe pier is new.\n")
    third = json.loads(ragworks(*arguments, env=platform.env).stdout)
    assert (third["changed"], third["done"], third["unchanged"]) == (1, 1, 1)


def test_unreadable_and_bad_files_are_listed_and_the_rest_is_ingested(platform: Platform, coast: Path) -> None:
    os.mkfifo(coast / "pipe.md")
    (coast / "lost.md").symlink_to(coast / "nowhere")
    (coast / "empty.md").touch()
    (coast / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    result = ragworks("ingest", str(coast), "-c", "partly", "--json", env=platform.env)
    report = json.loads(result.stdout)
    assert result.returncode == 4
    assert (report["done"], report["failed"]) == (2, 4)
    failed = {Path(failure["source"]).name: failure for failure in report["failures"]}
    assert set(failed) == {"pipe.md", "lost.md", "empty.md", "broken.pdf"}
    assert failed["pipe.md"]["code"] == "unreadable"
    assert all(failure["message"] for failure in failed.values())


def test_a_text_report_names_each_failure(platform: Platform, coast: Path) -> None:
    (coast / "empty.md").touch()
    result = ragworks("ingest", str(coast), "-c", "told", env=platform.env)
    assert result.returncode == 4
    assert "2 documents ingested" in result.stderr
    assert "1 failed" in result.stderr
    assert "empty.md" in result.stderr
    assert "\x1b" not in result.stderr


def test_jobs_are_listed_shown_watched_steered_and_retried(platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text(HARBOUR)
    (tmp_path / "empty.md").touch()
    ingest = ragworks("ingest", str(tmp_path), "-c", "steered", "--json", env=platform.env)
    (job,) = json.loads(ingest.stdout)["jobs"]
    listed = json.loads(ragworks("jobs", "list", "-c", "steered", "--json", env=platform.env).stdout)
    assert [(each["id"], each["status"], each["failed"]) for each in listed] == [(job, "completed", 1)]
    shown = ragworks("jobs", "show", job, env=platform.env)
    assert "1 document in" in shown.stdout
    failed = ragworks("jobs", "failed", job, env=platform.env)
    assert "empty.md" in failed.stdout
    assert "parse" in failed.stdout
    watched = ragworks("jobs", "watch", job, env=platform.env)
    assert (watched.returncode, "1 document ingested" in watched.stderr) == (4, True)
    again = json.loads(ragworks("jobs", "retry", job, "--json", env=platform.env).stdout)
    assert (again["total"], again["collection"]) == (1, "steered")
    assert ragworks("jobs", "watch", again["id"], "--json", env=platform.env).returncode == 1
    refused = ragworks("jobs", "pause", job, env=platform.env)
    assert (refused.returncode, "has ended" in refused.stderr) == (1, True)


def test_a_search_prints_passages_with_their_place(platform: Platform, ingested: Path) -> None:
    text = ragworks("search", "When does the ferry leave?", "-c", COLLECTION, env=platform.env)
    assert text.returncode == 0
    assert "07:40" in text.stdout
    assert "harbour.md" in text.stdout
    found = json.loads(ragworks("search", "ferry", "-c", COLLECTION, "-n", "1", "--json", env=platform.env).stdout)
    assert len(found["passages"]) == 1
    assert found["passages"][0]["chunk"]["source"] == "harbour.md"
    assert set(found["timings"]) == {"embed_ms", "query_ms", "rerank_ms", "total_ms"}


@pytest.mark.parametrize("extra", [[], ["--no-stream"]])
def test_an_answer_comes_with_its_sources(platform: Platform, ingested: Path, extra: list[str]) -> None:
    question = "What is the range of the lamp of the lighthouse?"
    text = ragworks("ask", question, "-c", COLLECTION, *extra, env=platform.env)
    assert text.returncode == 0, text.stderr
    assert "31 nautical miles" in text.stdout
    assert "Sources" in text.stdout
    assert "lighthouse.md" in text.stdout
    answer = json.loads(ragworks("ask", question, "-c", COLLECTION, "--json", *extra, env=platform.env).stdout)
    assert answer["model"] == f"rag/{COLLECTION}"
    assert answer["citations"][0]["source"] == "lighthouse.md"


def test_an_unknown_collection_is_1_and_named(platform: Platform) -> None:
    result = ragworks("ask", "Anybody?", "-c", "no-such", env=platform.env)
    assert result.returncode == 1
    assert "no-such" in result.stderr


def test_a_wrong_key_is_1_and_says_where_keys_come_from(platform: Platform) -> None:
    result = ragworks("collections", env={**platform.env, "RAGWORKS_API_KEY": "rw-wrong"})
    assert result.returncode == 1
    assert "RAGWORKS_API_KEY" in result.stderr


def test_collections_are_made_listed_shown_and_deleted(platform: Platform) -> None:
    assert ragworks("collections", "create", "short-lived", env=platform.env).returncode == 0
    assert ragworks("collections", "create", "short-lived", env=platform.env).returncode == 1
    listed = json.loads(ragworks("collections", "--json", env=platform.env).stdout)
    assert "short-lived" in [collection["name"] for collection in listed]
    shown = json.loads(ragworks("collections", "show", "short-lived", "--json", env=platform.env).stdout)
    assert (shown["documents"], shown["dimensions"]) == (0, 384)
    assert ragworks("collections", "delete", "short-lived", env=platform.env).returncode == 2
    assert ragworks("collections", "delete", "short-lived", "--yes", env=platform.env).returncode == 0
    assert ragworks("collections", "show", "short-lived", env=platform.env).returncode == 1


def test_a_file_is_shown_in_chunks_as_a_collection_cuts_it_and_is_not_kept(platform: Platform, coast: Path) -> None:
    choice = ("--chunker", "sentence", "--max-tokens", "128", "--overlap-tokens", "0")
    assert ragworks("collections", "create", "cut", *choice, env=platform.env).returncode == 0
    described = ragworks("collections", "show", "cut", env=platform.env).stdout
    file = coast / "only-shown.md"
    file.write_text(HARBOUR * 4)

    text = ragworks("chunks", "preview", str(file), "-c", "cut", env=platform.env)
    shown = json.loads(ragworks("chunks", "preview", str(file), "-c", "cut", "--json", env=platform.env).stdout)
    refused = ragworks("chunks", "preview", str(file), "--max-tokens", "1", env=platform.env)
    unknown = ragworks("chunks", "preview", str(file), "--chunker", "magic", env=platform.env)

    assert "sentence, at most 128 tokens, overlap 0" in described
    assert text.returncode == 0, text.stderr
    assert "The harbour" in text.stdout
    assert f"{shown['total']} chunks" in text.stdout
    assert shown["chunking"] == {
        "chunker": "sentence",
        "max_tokens": 128,
        "overlap_tokens": 0,
        "parent_tokens": None,
    }
    assert shown["total"] == len(shown["chunks"]) > 1
    assert (refused.returncode, unknown.returncode) == (1, 2)
    assert "at least 96" in refused.stderr
    with http_client(platform) as http:
        assert "only-shown.md" not in [stored["filename"] for stored in http.get("/v1/files").json()["data"]]


def test_a_name_that_cannot_be_a_collection_is_refused_with_the_reason(platform: Platform, coast: Path) -> None:
    result = ragworks("ingest", str(coast), "-c", "My Papers", env=platform.env)
    assert result.returncode == 1
    assert "name" in result.stderr


def test_a_running_platform_is_left_as_it_is_by_a_second_up(platform: Platform) -> None:
    before = json.loads(ragworks("status", "--json", env=platform.env).stdout)
    again = ragworks("up", "--no-sample", "--json", env=platform.env)
    assert again.returncode == 0
    assert "already running" in again.stderr
    assert json.loads(again.stdout)["started"] is False
    after = json.loads(ragworks("status", "--json", env=platform.env).stdout)
    assert [service["pid"] for service in after["services"]] == [service["pid"] for service in before["services"]]


def test_status_counts_what_runs(platform: Platform) -> None:
    result = ragworks("status", "--json", env=platform.env)
    status = json.loads(result.stdout)
    assert (result.returncode, status["running"], status["ready"]) == (0, True, True)
    gateway = next(service for service in status["services"] if service["name"] == "gateway")
    assert gateway["state"] == "ready"
    assert gateway["memory_bytes"] > 10_000_000
    assert gateway["uptime_s"] > 0


def test_logs_show_what_a_service_did(platform: Platform) -> None:
    ragworks("collections", env=platform.env)
    shown = ragworks("logs", "gateway", "-n", "20", env=platform.env)
    assert shown.returncode == 0
    assert "/api/collections" in shown.stdout


def test_ctrl_c_while_waiting_leaves_the_job_running_and_says_how_to_go_on(platform: Platform, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number}.md").write_text(f"# {number}\n\n" + f"Sentence {number} about boats. " * 200)
    ingest = subprocess.Popen(
        [RAGWORKS, "ingest", str(folder), "-c", "interrupted"],
        env={**os.environ, **platform.env},
        cwd=REPOSITORY,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert ingest.stderr is not None
    for line in ingest.stderr:
        if line.startswith("Ingesting"):
            break
    ingest.send_signal(signal.SIGINT)
    _, said = ingest.communicate(timeout=60)
    assert ingest.returncode == 130
    job = said.split("--job ")[1].split("'")[0]
    resumed = ragworks("ingest", "--job", job, "-c", "interrupted", "--json", env=platform.env)
    assert json.loads(resumed.stdout)["done"] == 60
