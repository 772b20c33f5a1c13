"""KAM XL: key-account management inside Excel.

The rooms of the house, from the ground up; each leans only on those above it in this list:

    core           the rules, pure, with floors of their own
    __init__       the version, and a log without personal data
    resources      the package's own files: words for people, the policy
    showing        what a column is to people, wherever it is shown
    reports        an assessment as master workbook, pages, plans, calendars, messages: read, never computed
    engines        what is not ours alone: LibreOffice as an xlwings engine, the parts of Office files; they know nothing of us
    hosts          wires, each to one thing outside: files, mail, Excel, LibreOffice
    worksheet      what a cell function answers
    template       what builds the workbook
    desk           installation, upgrade, removal, and the doctor
    nightly        the job, who hears of it, when it runs
    actions        what a button does
    demo           a made-up portfolio
    doors          the commands and the worksheet functions, as the outside knows them
    __main__       the command line
"""

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
