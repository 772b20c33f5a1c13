"""What cannot be done, said in one sentence a person can act on."""


class KamError(Exception):
    """The request cannot be carried out; ``str()`` is the sentence to show."""


class PolicyError(KamError):
    """The policy contradicts itself: names the key, its value and what is allowed; `zh` is the sentence in Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.zh = zh


class Refused(KamError):
    """A workbook that cannot be used: `reason` is a key of ``words/refusals.toml``, `detail` what its sentence names."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail
