"""What a folder of sentence-transformers says of its model, read without that library."""

from pathlib import Path

from pydantic import BaseModel, TypeAdapter

_FALLBACK_WINDOW_TOKENS = 512


class ModelFolder(BaseModel):
    """How a transformer's texts are cut and its last layer is pooled (`modes`, "mean" or "cls" mostly)."""

    window_tokens: int
    modes: list[str]


def read_model_folder(folder: Path) -> ModelFolder:
    """Read the configuration of a transformer with a pooling, which most embedding models are.

    Raises:
        ValueError: the model has other parts, or its texts are prepared in another way.
        OSError: a file is missing or cannot be read.
    """
    modules = TypeAdapter(list[_Module]).validate_json((folder / "modules.json").read_bytes())
    kinds = [module.type.rsplit(".", 1)[-1] for module in modules]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise ValueError(f"{folder} has the modules {', '.join(kinds)}, not a Transformer with a Pooling alone.")
    transformer = _Transformer.model_validate_json((folder / "sentence_bert_config.json").read_bytes())
    if transformer.do_lower_case:
        raise ValueError(f"{folder} has its texts put into lower case before the tokenizer sees them.")
    network = _Network.model_validate_json((folder / "config.json").read_bytes())
    pooling = _Pooling.model_validate_json((folder / modules[1].path / "config.json").read_bytes())
    window = transformer.max_seq_length or network.max_position_embeddings or _FALLBACK_WINDOW_TOKENS
    return ModelFolder(window_tokens=window, modes=pooling.modes())


class _Module(BaseModel):
    type: str
    path: str


class _Transformer(BaseModel):
    max_seq_length: int | None = None
    do_lower_case: bool = False


class _Network(BaseModel):
    max_position_embeddings: int | None = None


class _Pooling(BaseModel):
    """Newer folders name the mode, older ones have a flag for each."""

    pooling_mode: str | list[str] | None = None
    pooling_mode_cls_token: bool = False
    pooling_mode_max_tokens: bool = False
    pooling_mode_mean_tokens: bool = False
    pooling_mode_mean_sqrt_len_tokens: bool = False
    pooling_mode_weightedmean_tokens: bool = False
    pooling_mode_lasttoken: bool = False

    def modes(self) -> list[str]:
        if self.pooling_mode is not None:
            return [self.pooling_mode] if isinstance(self.pooling_mode, str) else self.pooling_mode
        flags = {
            "cls": self.pooling_mode_cls_token,
            "max": self.pooling_mode_max_tokens,
            "mean": self.pooling_mode_mean_tokens,
            "mean_sqrt_len_tokens": self.pooling_mode_mean_sqrt_len_tokens,
            "weightedmean": self.pooling_mode_weightedmean_tokens,
            "lasttoken": self.pooling_mode_lasttoken,
        }
        return [mode for mode, used in flags.items() if used] or ["mean"]
