"""What cannot be done, said in one sentence a person can act on."""


class KamError(Exception):
    """The request cannot be carried out; ``str()`` is the sentence to show."""

    def told(self, lang: str) -> str:  # noqa: ARG002 (only a policy is read where no language is known yet)
        """The sentence in a language, as long as it was not made in its reader's own already."""
        return str(self)


class PolicyError(KamError):
    """The policy contradicts itself: names the key, its value and what is allowed; `zh` is the sentence in Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.zh = zh

    def told(self, lang: str) -> str:
        """The sentence in Chinese or in English."""
        return self.zh if lang == "zh-CN" else str(self)


class Refused(KamError):
    """A workbook that cannot be used: `reason` is a key of ``words/refusals.toml``, `detail` what its sentence names."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail
