"""The stages of an ingest alone, in processor seconds: parsing, chunking, the ledger; and a small command."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tokenizers import Tokenizer

from infra.bench.figures import Figure, Section
from infra.bench.ingest_peers.documents import Corpus
from infra.bench.ingest_peers.figures_of_run import cpu_s
from infra.bench.ingest_peers.ledger import bookkeeping
from infra.bench.ingest_peers.quality import recall
from pipelines.ingest.settings import IngestSettings
from services.shared.components.chunkers.chunk import Chunker
from services.shared.components.chunkers.registry import build_chunker
from services.shared.components.chunkers.tokens import TokenCounter
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.parse import parse_document

_AT_LEAST_S = 3.0
_LONG_TEXT_CHARS = 2_000_000

File = tuple[bytes, str]


def measure(corpus: Corpus, texts: Sequence[str], *, tokenizer: Path, scratch: Path, ledger_documents: int) -> Section:
    """Every stage over the corpus's files, in this process, without the pipes of a parser's own process."""
    chunker = _chunker(_fresh(tokenizer))
    figures = [
        *_pdf(corpus, chunker),
        *_html(corpus, chunker),
        *_office(corpus),
        *_chunking("\n\n".join(texts)[:_LONG_TEXT_CHARS], tokenizer),
        _rate("bookkeeping", "documents/CPU-s", bookkeeping(scratch, documents=ledger_documents), 5_000),
        _help(),
    ]
    return Section("Stages alone", figures, [f"Files: {corpus.origin}."])


def _pdf(corpus: Corpus, chunker: Chunker) -> list[Figure]:
    files = _read(corpus.folder, ".pdf")
    parsed = {file[1]: _parse(file) for file in files}
    pages = sum(len(document.pages) for document in parsed.values())
    found = recall((story, parsed[name]) for name, story in corpus.truth.items())
    return [
        _timed("PDF to chunks", "pages/CPU-s", pages, 150, lambda: [chunker.chunk(_parse(file)) for file in files]),
        _share("· words found", found.words, 0.99),
        _share("· headings found", found.headings, 0.80),
        _share("· cells of tables found", found.cells, 0.75),
    ]


def _html(corpus: Corpus, chunker: Chunker) -> list[Figure]:
    files = _read(corpus.folder, ".html")
    megabytes = sum(len(content) for content, _ in files) / 1e6
    return [
        _timed("HTML to text", "MB/CPU-s", megabytes, 10, lambda: [_parse(file) for file in files]),
        _timed("HTML to chunks", "MB/CPU-s", megabytes, None, lambda: [chunker.chunk(_parse(file)) for file in files]),
    ]


def _office(corpus: Corpus) -> list[Figure]:
    figures: list[Figure] = []
    for suffix in (".docx", ".pptx"):
        files = _read(corpus.office, suffix)
        name = f"{suffix[1:].upper()} to text"
        figures.append(_timed(name, "documents/CPU-s", len(files), 150, lambda files=files: [*map(_parse, files)]))
    return figures


def _chunking(text: str, tokenizer: Path) -> list[Figure]:
    """Each round by a chunker that has seen no text before: what it remembers of words would flatter a second one."""
    document, megabytes = parse_document(text.encode(), filename="long.txt"), len(text.encode()) / 1e6
    model, budget = Tokenizer.from_file(str(tokenizer)), IngestSettings().default_chunking.max_tokens
    model.no_truncation()
    chunks = _chunker(_fresh(tokenizer)).chunk(document)
    over = sum(len(model.encode(chunk.embedding_text).ids) > budget for chunk in chunks)
    spent, rounds = 0.0, 0
    while spent < _AT_LEAST_S:
        chunker = _chunker(_fresh(tokenizer))
        started = time.process_time()
        chunker.chunk(document)
        spent += time.process_time() - started
        rounds += 1
    return [
        _rate("token-exact chunking", "MB/CPU-s", megabytes * rounds / spent, 1.5),
        Figure("· chunks over the budget, by the model's own tokenizer", "", value=over, target="0", met=over == 0),
    ]


def _fresh(tokenizer: Path) -> TokenCounter:
    counter = TokenCounter(tokenizer)
    counter.count("loaded")
    return counter


def _chunker(counter: TokenCounter) -> Chunker:
    return build_chunker(IngestSettings().default_chunking, counter)


def _read(folder: Path, suffix: str) -> list[File]:
    return [(path.read_bytes(), path.name) for path in sorted(folder.glob(f"*{suffix}"))]


def _parse(file: File) -> ParsedDocument:
    return parse_document(file[0], filename=file[1])


def _timed(name: str, unit: str, amount: float, target: float | None, work: Callable[[], object]) -> Figure:
    """Amount per CPU-second; the work is repeated until it took long enough to be measured."""
    work()  # imports and caches
    started, rounds = time.process_time(), 0
    while rounds == 0 or time.process_time() - started < _AT_LEAST_S:
        work()
        rounds += 1
    return _rate(name, unit, amount * rounds / (time.process_time() - started), target)


def _rate(name: str, unit: str, value: float, target: float | None) -> Figure:
    if target is None:
        return Figure(name, unit, value=value)
    return Figure(name, unit, value=value, target=f"≥ {target:,g}", met=value >= target)


def _share(name: str, value: float, target: float) -> Figure:
    return Figure(name, "%", value=100 * value, target=f"≥ {100 * target:.0f} %", met=value >= target)


def _help() -> Figure:
    command = [str(Path(sys.executable).with_name("ragworks")), "--help"]
    subprocess.run(command, capture_output=True, check=True)
    before = cpu_s()
    subprocess.run(command, capture_output=True, check=True)
    seconds = cpu_s() - before
    return Figure("ragworks --help", "CPU-s", value=seconds, target="< 0.5", met=seconds < 0.5)
