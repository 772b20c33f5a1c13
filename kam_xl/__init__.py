"""KAM XL: key-account management inside Excel."""

import logging

from kam_xl.core.privacy import masked

__version__ = "0.1.0"


class _Masked(logging.Filter):
    """Whatever anybody of ours logs is masked: names of files and sheets hold phones, too (handbook §10)."""

    def filter(self, record: logging.LogRecord) -> bool:
        """The record's texts masked; every record passes."""
        record.msg, record.args = record.getMessage(), ()
        if record.exc_info:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        vars(record).update({name: masked(fact) for name, fact in vars(record).items() if isinstance(fact, str)})
        return True


logging.getLogger("kam_xl").addFilter(_Masked())
