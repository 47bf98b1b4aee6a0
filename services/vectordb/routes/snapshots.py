"""Snapshots of collections."""

import asyncio
from typing import BinaryIO

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from services.vectordb.adapters.snapshots import Snapshots, sha256_of
from services.vectordb.dependencies import collection_of, parts_of
from services.vectordb.domain.fields import as_text, optional_text, required
from services.vectordb.domain.names import check_name
from services.vectordb.errors import FormatError, UnsupportedError, WrongInputError
from services.vectordb.routes.endpoint import json_body, route


async def create_snapshot(request: Request) -> object:
    return await _snapshots(request).create(collection_of(request))


async def list_snapshots(request: Request) -> object:
    return _snapshots(request).list(collection_of(request))


async def delete_snapshot(request: Request) -> object:
    _snapshots(request).delete(collection_of(request), request.path_params["snapshot"])
    return True


async def download_snapshot(request: Request) -> Response:
    path = _snapshots(request).find(collection_of(request), request.path_params["snapshot"])
    return FileResponse(path, media_type="application/octet-stream", filename=path.name)


async def upload_snapshot(request: Request) -> object:
    async with request.form(max_files=1) as form:
        upload = form.get("snapshot")
        if not isinstance(upload, UploadFile):
            raise FormatError("the form field `snapshot` with the file is missing")
        await _restore(request, upload.file, request.query_params.get("checksum"))
    return True


async def recover_snapshot(request: Request) -> object:
    body = await json_body(request)
    location = as_text(required(body, "location"), "location")
    if not location.startswith("file://"):
        raise UnsupportedError("Fetching a snapshot from a URL (upload it instead)")
    with _snapshots(request).local(location).open("rb") as file:
        await _restore(request, file, optional_text(body, "checksum"))
    return True


async def _restore(request: Request, file: BinaryIO, checksum: str | None) -> None:
    name = check_name(request.path_params["name"])
    if checksum is not None and await asyncio.to_thread(sha256_of, file) != checksum.lower():
        raise WrongInputError("Snapshot checksum mismatch")
    await _snapshots(request).restore(name, file)


def _snapshots(request: Request) -> Snapshots:
    return parts_of(request).snapshots


ROUTES = [
    route("/collections/{name}/snapshots", create_snapshot, methods=["POST"]),
    route("/collections/{name}/snapshots", list_snapshots, methods=["GET"]),
    route("/collections/{name}/snapshots/upload", upload_snapshot, methods=["POST"]),
    route("/collections/{name}/snapshots/recover", recover_snapshot, methods=["PUT"]),
    route("/collections/{name}/snapshots/{snapshot}", download_snapshot, methods=["GET"]),
    route("/collections/{name}/snapshots/{snapshot}", delete_snapshot, methods=["DELETE"]),
]
