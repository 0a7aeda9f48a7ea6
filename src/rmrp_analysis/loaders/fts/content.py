"""The content of a file, whatever it is called."""

import gzip
import zlib
from pathlib import Path

from rmrp_analysis.errors import InputRefused

_GZIP, _ZIP = b"\x1f\x8b", b"PK"


def content_of(path: Path) -> bytes:
    """The file's bytes, unpacked when they are gzipped. Raises ``InputRefused`` when it is missing, empty or cut."""
    try:
        packed = path.read_bytes()
        content = gzip.decompress(packed) if packed.startswith(_GZIP) else packed
    except FileNotFoundError:
        raise InputRefused(f"{path}: there is no such file") from None
    except (OSError, EOFError, zlib.error) as problem:
        raise InputRefused(f"{path}: cannot be read; it is damaged ({problem})") from None
    if not content.strip():
        raise InputRefused(f"{path}: is empty")
    return content


def is_workbook(content: bytes) -> bool:
    """Whether the bytes are an Excel workbook."""
    return content.startswith(_ZIP)
