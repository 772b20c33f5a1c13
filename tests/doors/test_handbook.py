"""`kam-xl standards`: one file, of the policy that is named; a name that Word would not open is refused."""

from kam_xl import resources
from kam_xl.hosts import amending
from tests.commands import call


def test_the_handbook_is_written_from_the_policy_that_is_named(tmp_path):
    policy, page = tmp_path / "own.toml", tmp_path / "手册" / "standards.html"
    policy.write_text(amending.amended(resources.policy_text(), {"tier.strategic.cadence_days": 45}), "utf-8")

    ended = call("standards", page, "--policy", policy)

    assert ended.exit_code == 0
    assert "浏览器和 Word 都能打开" in ended.stdout
    assert "至少每 45 天拜访一次" in page.read_text("utf-8")


def test_a_name_that_is_no_page_is_refused_in_one_sentence(tmp_path):
    ended = call("standards", tmp_path / "standards.docx", "--lang", "en")

    assert ended.exit_code == 2
    assert ended.stderr.strip().endswith("give it a name that ends in .html")
    assert list(tmp_path.iterdir()) == []
