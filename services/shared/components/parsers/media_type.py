"""The names of the formats that can be parsed."""

from enum import StrEnum


class MediaType(StrEnum):
    """The media types that can be parsed."""

    MARKDOWN = "text/markdown"
    PLAIN_TEXT = "text/plain"
    RST = "text/x-rst"
    SOURCE_CODE = "text/x-source-code"
    HTML = "text/html"
    XML = "application/xml"
    JSON = "application/json"
    JSONL = "application/jsonl"
    CSV = "text/csv"
    TSV = "text/tab-separated-values"
    EMAIL = "message/rfc822"
    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ODT = "application/vnd.oasis.opendocument.text"
    EPUB = "application/epub+zip"
    PNG = "image/png"
    JPEG = "image/jpeg"
    TIFF = "image/tiff"
    WEBP = "image/webp"
    GIF = "image/gif"
    BMP = "image/bmp"
    ZIP = "application/zip"
    TAR = "application/x-tar"
