"""Conversations about the project's own pages: what was asked before, the follow-up, and the page that has its answer.

The last ones change the topic: what was asked before must not lead their search away.
"""

FOLLOW_UPS = (
    (("How do I delete a document for good?",), "Is there any proof of it?", "deletion.md"),
    (("What is a receipt of a deletion?",), "When is it issued?", "deletion.md"),
    (
        ("What happens to the originals when I delete a collection?",),
        "And when another upload has the same bytes?",
        "deletion.md",
    ),
    (("Can I delete what belongs to a principal?",), "What about documents that others may read, too?", "deletion.md"),
    (("How do I back up a collection?",), "Can it be imported on another site?", "backup.md"),
    (("What does an archive of a collection hold?",), "How large can it be?", "backup.md"),
    (("How do I restore a collection from an archive?",), "What if it breaks off?", "backup.md"),
    (("How can a folder be kept in step with a collection?",), "How often does it happen?", "sources.md"),
    (("Can I add a Git repository as a source?",), "What about a website?", "sources.md"),
    (("What does a sync do?",), "Does it delete documents, too?", "sources.md"),
    (("How do I connect an S3 bucket?",), "Where do its credentials go?", "sources.md"),
    (("How do I embed a collection with another model?",), "How do I go back?", "versions.md"),
    (("What is a version of a collection?",), "How is it made the active one?", "versions.md"),
    (("Can I cut a collection into other chunks?",), "Is it searchable meanwhile?", "versions.md"),
    (("Which file formats can be ingested?",), "What happens with those that cannot be read?", "ingest.md"),
    (("How do I see how far an ingest job is?",), "Can I cancel it?", "ingest.md"),
    (("How are near-duplicates handled?",), "Can I switch that off?", "ingest.md"),
    (("Can ingest run on several machines?",), "What do they need?", "scale-out.md"),
    (("How do I start Ray for ingest?",), "What happens when one of them dies?", "scale-out.md"),
    (("Can texts be embedded by another server?",), "How is its key given?", "embedding-endpoint.md"),
    (("Which remote embedding endpoints work?",), "And what if it fails for a while?", "embedding-endpoint.md"),
    (("What does abstaining mean?", "Where is the limit set?"), "And by default?", "ask.md"),
    (("How are citations checked?",), "What happens to those claims that are not supported?", "ask.md"),
    (("How do I get answers in a phrase?",), "Why would I want that?", "ask.md"),
    (("How do I look at the logs?",), "And of one service only?", "operations.md"),
    (("What do I do when a service died?",), "Who restarts it?", "operations.md"),
    (("How do I start the platform?",), "And stop it?", "quick-start.md"),
    (("How do I delete a document for good?",), "Which Git repositories can a source read?", "sources.md"),
    (("How do I back up a collection?",), "Which Python packages does Ray need on each machine?", "scale-out.md"),
    (("Which file formats can be ingested?",), "How does a version of a collection become active?", "versions.md"),
    (("How are citations checked?",), "How is a deletion receipt signed?", "deletion.md"),
    (("How do I start the platform?",), "How many claims of an answer are compared by meaning?", "configuration.md"),
    (("What does a sync do?",), "How is the archive of a collection imported on another site?", "backup.md"),
)
