"""Identifiers as the cloud makes them (wire 1.3), from a seeded source so that a fresh world is reproducible."""

from __future__ import annotations

import random
import string

_ALPHABET = string.ascii_lowercase + string.digits

#: Characters after the prefix.
_LENGTHS = {
    "prj_": 28,
    "org_": 28,
    "usr_": 28,
    "srvacc_": 25,
    "img_": 28,
    "srvc_": 27,
    "infr_rqst_": 22,
    "upload_": 25,
    "video_": 26,
    "stream_": 25,
    "ingestor_": 25,
    "wbhk_evnt_": 22,
    "doc_": 25,
    "cht": 17,
}


class Ids:
    """Makes ids; the same seed makes the same ids in the same order."""

    def __init__(self, seed: int = 20260526) -> None:
        self._random = random.Random(seed)  # noqa: S311 - invented ids, not secrets
        self._number = 123455

    def make(self, prefix: str) -> str:
        """A new id with a prefix of the table, or of 24 characters after an unknown prefix."""
        return prefix + self.characters(_LENGTHS.get(prefix, 24))

    def characters(self, length: int) -> str:
        """Lowercase letters and digits."""
        return "".join(self._random.choices(_ALPHABET, k=length))

    def hexadecimal(self, length: int) -> str:
        """Lowercase hexadecimal digits."""
        return "".join(self._random.choices("0123456789abcdef", k=length))

    def number(self) -> int:
        """The next running number, as deployments carry it in `ID`."""
        self._number += 1
        return self._number
