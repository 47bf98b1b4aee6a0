"""The address of a Ray cluster is refused when it cannot be one."""

import pytest
from pydantic import ValidationError

from pipelines.ingest.settings import IngestSettings


@pytest.mark.parametrize("address", ["", "local", "192.168.1.10:6379", "head.example.com:6379"])
def test_an_address_is_a_host_with_a_port_or_this_machine(address: str) -> None:
    assert IngestSettings(ray_address=address, ingest_ocr=False).ray_address == address


@pytest.mark.parametrize("address", ["auto", "ray://head:10001", "head", "head:", "head:port", "a b:1"])
def test_another_address_is_refused_with_what_to_give(address: str) -> None:
    with pytest.raises(ValidationError, match="give host:port, or local"):
        IngestSettings(ray_address=address, ingest_ocr=False)
