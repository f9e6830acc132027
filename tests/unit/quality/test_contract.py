"""Contracts: what a file says holds, and every mistake in one is told with its line and a remedy."""

import hashlib
from pathlib import Path

import pytest

from server.delivery.opening import open_delivery
from server.delivery.values import Context, Severity
from server.errors import FormatError
from server.quality.checking import Report, check
from server.quality.contract import STANDARD, Contract, find_contract, is_sampled, read_contract
from server.quality.registry import rules
from tests.support.supplied import ITEMS, write_table

HEAD = 'name = "north"\nlabel.fr = "Nord"\nlabel.en = "North"\n'


def contract(folder: Path, text: str, name: str = "north") -> Path:
    path = folder / "contracts" / f"{name}.toml"
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text)
    return path


def faulty(folder: Path) -> Path:
    """Write two postcards of two views each; one image of the first cannot be read."""
    write_table(folder, ITEMS, None)
    (folder / "images/cp_001_v.png").write_bytes(b"\x89PNG")
    return folder


def judged(folder: Path, by: Contract) -> Report:
    return check(open_delivery(folder, Context(rights="public-domain")), contract=by)


@pytest.mark.parametrize(
    ("text", "line", "fault", "remedy"),
    [
        ("name = ", 1, "invalid value", "correct the line"),
        (HEAD.replace("north", "south"), 1, "'south' does not fit the file north.toml", "call the file as the contract"),
        ('name = "north"\nlabel.fr = "Nord"\n', 2, "its name must be there in both languages", "label.en"),
        (HEAD + "suplier = 'x'\n", 4, "suplier: there is no such key", "did you mean supplier?"),
        (HEAD + "supplier = 3\n", 4, "supplier: is not a text", "suppliers.toml"),
        (HEAD + "language = 'de'\n", 4, "language: 'de' is not a language of reports", "write fr or en"),
        (HEAD + "\n[acceptance]\nviews = 120\n", 6, "acceptance.views: 120 is not a share in per cent", "0 to 100"),
        (HEAD + "\n[rules.name-cases]\non = true\n", 5, "rules.name-cases: there is no such rule", "did you mean name-case?"),
        (HEAD + "rules.name-case = true\n", 4, "rules.name-case: is not a table", "write [rules.name-case]"),
        (HEAD + "[rules.name-case]\non = 1\n", 5, "rules.name-case.on: 1 is neither true nor false", "without quotes"),
        (HEAD + "[rules.name-case]\nsampling = 5\n", 5, "rules.name-case.sampling: there is no such key", "blocking, on"),
        (HEAD + "[rules.image-incomplete]\nsampling = -1\n", 5, "-1 is not a share in per cent", "0 to 100"),
        (HEAD + "[rules.master-missing]\nblocking = false\n", 5, "could not be ingested", "leave this line out"),
        (HEAD + "rules = 3\n", 4, "rules: is not a table", "write [rules]"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int, fault: str, remedy: str) -> None:
    path = contract(tmp_path, text)
    with pytest.raises(FormatError) as told:
        read_contract(path)
    assert str(told.value).startswith(f"{path}, line {line}: ")
    assert fault in str(told.value)
    assert remedy in str(told.value)


def test_the_contract_is_that_of_the_name_then_that_of_the_supplier_then_the_general_one(tmp_path: Path) -> None:
    assert find_contract(tmp_path, "", "numerix") is STANDARD
    assert find_contract(tmp_path, "standard", "") is STANDARD
    contract(tmp_path, HEAD + 'supplier = "numerix"\n')
    contract(tmp_path, HEAD.replace("north", "south"), "south")
    assert find_contract(tmp_path, "", "numerix").name == "north"
    assert find_contract(tmp_path, "", "another") is STANDARD
    assert find_contract(tmp_path, "south", "numerix").name == "south"
    with pytest.raises(FormatError, match=r"souht.toml: there is no such contract; did you mean south\?"):
        find_contract(tmp_path, "souht", "")
    contract(tmp_path, HEAD.replace("north", "standard"), "standard")
    assert find_contract(tmp_path, "", "another").label["en"] == "North"
    contract(tmp_path, HEAD.replace("north", "east") + 'supplier = "numerix"\n', "east")
    with pytest.raises(FormatError, match="several contracts are of the supplier numerix: east, north; say which"):
        find_contract(tmp_path, "", "numerix")


def test_rules_are_on_or_off_and_blocking_or_not(tmp_path: Path) -> None:
    delivery = faulty(tmp_path / "delivery")
    assert [f.severity for f in judged(delivery, STANDARD).findings if f.rule == "image-unreadable"] == [Severity.ERROR]
    off = read_contract(contract(tmp_path, HEAD + "[rules.image-unreadable]\non = false\n"))
    assert [f.rule for f in judged(delivery, off).findings if f.rule == "image-unreadable"] == []
    mild = read_contract(contract(tmp_path, HEAD + "[rules.image-unreadable]\nblocking = false\n"))
    report = judged(delivery, mild)
    assert [f.severity for f in report.findings if f.rule == "image-unreadable"] == [Severity.WARNING]
    assert (report.passed, report.contract) == (True, "north")


def test_warnings_of_reading_can_be_made_to_block_or_left_out(tmp_path: Path) -> None:
    delivery = write_table(tmp_path / "delivery", ITEMS.replace("1907?", "an II"), None)
    strict = read_contract(contract(tmp_path, HEAD + "[rules.date-not-understood]\nblocking = true\n"))
    assert judged(delivery, strict).refused_items == ("CP-002",)
    lax = read_contract(contract(tmp_path, HEAD + "[rules.date-not-understood]\non = false\n"))
    assert not [f for f in judged(delivery, lax).findings if f.rule == "date-not-understood"]


def test_a_delivery_with_more_faults_than_accepted_is_refused(tmp_path: Path) -> None:
    delivery = faulty(tmp_path / "delivery")
    mild = "[rules.image-unreadable]\nblocking = false\naccepted = "
    accepted = judged(delivery, read_contract(contract(tmp_path, HEAD + mild + "25\n")))
    assert accepted.passed
    assert [(rate.rule, rate.found, rate.looked_at) for rate in accepted.rates] == [
        ("image-unreadable", 1, 4), ("views", 2, 4), ("documents", 0, 2),
    ]  # fmt: skip
    [refused] = [
        f
        for f in judged(delivery, read_contract(contract(tmp_path, HEAD + mild + "24.9\n"))).findings
        if f.severity is Severity.ERROR
    ]
    assert (refused.rule, refused.item) == ("rate-exceeded", "")
    assert refused.message == (
        "1 of 4 views looked at have the fault image-unreadable, 25.0 %; the contract north accepts 24.9 %: refuse the delivery"
    )
    for rate, told in (
        ("views = 20", "2 of 4 views have an error or a warning"),
        ("documents = 40", "1 of 2 documents have an error"),
    ):
        report = judged(delivery, read_contract(contract(tmp_path, HEAD + f"[acceptance]\n{rate}\n")))
        assert [told in f.message for f in report.findings if f.rule == "rate-exceeded"] == [True]


def test_a_sample_holds_every_smaller_one_and_is_as_large_as_said() -> None:
    digests = [hashlib.sha256(bytes([number % 256, number // 256])).hexdigest() for number in range(2000)]
    samples = [{one for one in digests if is_sampled(one, share)} for share in (0, 5, 20, 100)]
    assert [len(sample) for sample in samples] == [0, pytest.approx(100, abs=25), pytest.approx(400, abs=60), 2000]
    assert samples[1] < samples[2]


def test_a_rule_looks_at_its_sample_only(tmp_path: Path) -> None:
    delivery = faulty(tmp_path / "delivery")
    none = read_contract(contract(tmp_path, HEAD + "[rules.image-unreadable]\nsampling = 0\n"))
    assert not [f for f in judged(delivery, none).findings if f.rule == "image-unreadable"]


def test_the_contracts_of_the_house_can_be_read(repository: Path) -> None:
    for path in sorted((repository / "manifests/contracts").glob("*.toml")):
        assert read_contract(path).rules()


def test_every_threshold_is_within_its_bounds_and_told_in_both_languages() -> None:
    for rule in rules():
        for limit in rule.limits:
            assert limit.fr
            assert limit.en
            if isinstance(limit.default, int | float):
                assert limit.least <= limit.default <= limit.most
