"""Every page of ours is made on one skeleton; a mail has one of its own, for programs that know few styles."""

from pathlib import Path

import kam_xl


def test_no_other_file_ends_a_page() -> None:
    package = Path(kam_xl.__file__).parent
    files = [path for kind in ("*.py", "*.j2") for path in package.rglob(kind)]
    ends = {path.name for path in files if "</html>" in path.read_text("utf-8")}
    assert ends == {"skeleton.html.j2", "message.html.j2"}
