"""The sample corpus: the project's own documentation, so that a newcomer can ask the platform about itself."""

from services.frontend.cli.corpus.walk import Found, find_files
from services.frontend.cli.settings import REPOSITORY

SAMPLE_COLLECTION = "docs"
SAMPLE_QUESTION = "On which address does the gateway listen?"


def find_sample() -> Found:
    """The documents, under names relative to the repository."""
    docs = REPOSITORY / "docs"
    pages = find_files([docs, REPOSITORY / "README.md"], include=["*.md"], relative_to=REPOSITORY)
    samples = find_files([docs / "samples"], exclude=["*.md"], relative_to=REPOSITORY)
    return Found(files=pages.files + samples.files)
