"""Image API 3.0 and 2.1, §2 URI syntax, §3 identifier, §9 encoding, §10 security: what an address is."""

from urllib.parse import quote, unquote, urlsplit

from tests.conformance.image.judging import check_alike
from tests.conformance.image.serving import KNOWN, ODD, SQUARES, Server
from tests.conformance.image.table import proves

PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@")
REST = "10,20,120,90/120,90/0/default.jpg"
REFUSED = (400, 404)


def base_in(server: Server, info_of: int = 0) -> str:
    """Return the base URI that info.json tells."""
    info = server.info(KNOWN[info_of])
    return str(info["id"] if server.version == "3.0" else info["@id"])


@proves("3.0", "2.1")
@proves("2.1", "2.1")
def test_2_prefix_has_no_bare_special_characters(server: Server) -> None:
    path = urlsplit(base_in(server)).path
    assert path == server.prefix + SQUARES.name
    assert all(set(unquote(part)) <= PLAIN or part != unquote(part) for part in path.split("/"))


@proves("3.0", "2.2")
@proves("2.1", "2.2")
def test_2_identifier_is_announced_encoded(server: Server) -> None:
    for number, known in enumerate(KNOWN):
        assert base_in(server, number) == f"{server.origin}{server.prefix}{quote(known.name, safe=':')}"


@proves("3.0", "2.3")
@proves("2.1", "2.3")
def test_2_base_uri_leads_to_info(server: Server) -> None:
    answer = server.ask(SQUARES.name)
    assert answer.status in (200, 301, 302, 303)
    if answer.status != 200:
        assert answer.header("location") == f"{server.base(SQUARES)}/info.json"


@proves("3.0", "2.4")
@proves("2.1", "2.4")
def test_2_base_uri_answers_303(server: Server) -> None:
    assert server.ask(SQUARES.name).status == 303


@proves("3.0", "2.1.1")
@proves("2.1", "2.1.1")
def test_2_1_image_address_has_five_parts_behind_the_prefix(server: Server) -> None:
    server.check(SQUARES, REST, (10, 20, 120, 90), (120, 90))
    for rest in (
        "10,20,120,90/120,90/0", "10,20,120,90/120,90/default.jpg", f"{REST}/more", "120,90/0/default.jpg",
        "10,20,120,90/120,90/0/default", "10,20,120,90/120,90/0/jpg", "10,20,120,90/120,90/0/default/jpg",
    ):  # fmt: skip
        server.check_status(SQUARES, rest, *REFUSED)


@proves("3.0", "2.2.1")
@proves("2.1", "2.2.1")
def test_2_2_info_is_found_behind_the_identifier(server: Server) -> None:
    for known in KNOWN:
        assert (server.info(known)["width"], server.info(known)["height"]) == (known.width, known.height)
    for rest in ("info.xml", "Info.json", "full/info.json"):
        server.check_status(SQUARES, rest, *REFUSED)


@proves("3.0", "2.2.2")
@proves("2.1", "2.2.2")
def test_2_2_info_and_image_share_their_base(server: Server) -> None:
    for number, known in enumerate(KNOWN):
        base = base_in(server, number)
        assert base == server.base(known)
        behind = base.removeprefix(server.origin + server.prefix)
        assert server.ask(f"{behind}/info.json").status == 200
        assert server.ask(f"{behind}/{REST}").status == 200


@proves("3.0", "3.1")
@proves("2.1", "3.1")
def test_3_encoded_special_characters_belong_to_the_identifier(server: Server) -> None:
    for encoded in ("%3F", "%23", "%5B", "%5D", "%40", "%25"):
        for behind in ("info.json", REST):
            assert server.ask(f"{SQUARES.name}{encoded}/{behind}").status == 404, encoded


@proves("3.0", "3.2")
@proves("2.1", "3.2")
def test_3_encoded_slash_does_not_separate(server: Server) -> None:
    assert server.ask(f"{SQUARES.name}%2Finfo.json").status == 404
    assert server.ask(f"ark%3A%2F1%2F{SQUARES.name}/info.json").status == 404
    assert server.ask(f"{SQUARES.name}%2Ffull/{REST}").status == 404


@proves("3.0", "9.1")
@proves("2.1", "9.1")
def test_9_separators_are_never_encoded(server: Server) -> None:
    for at in range(REST.count("/")):
        parts = REST.split("/")
        encoded = "/".join(parts[: at + 1]) + "%2F" + "/".join(parts[at + 1 :])
        server.check_status(SQUARES, encoded, *REFUSED)


@proves("3.0", "9.2")
@proves("2.1", "9.2")
def test_9_percent_encoded_parts_are_decoded_once(server: Server) -> None:
    plain = server.shown(SQUARES, REST)
    hidden = "".join(f"%{ord(char):02X}" for char in SQUARES.name)
    for path in (
        f"{hidden}/{REST}",
        f"{SQUARES.name}/{REST.replace(',', '%2C')}",
        f"{SQUARES.name}/{REST.replace(',', '%2c')}",
    ):
        answer = server.ask(path)
        assert answer.status == 200, path
        check_alike(server.shown(SQUARES, path.partition("/")[2]), plain, path)
    assert server.ask(f"{SQUARES.name}/{REST.replace(',', '%252C')}").status in REFUSED
    assert server.ask(f"{hidden.replace('%', '%25')}/{REST}").status == 404


@proves("3.0", "9.4")
@proves("2.1", "9.4")
def test_9_identifiers_need_no_encoding(server: Server) -> None:
    for number in range(len(KNOWN)):
        identifier = base_in(server, number).rpartition("/")[2]
        assert quote(identifier, safe="") == identifier


@proves("3.0", "10.1")
@proves("2.1", "10.1")
def test_10_no_request_makes_more_than_the_limits(server: Server) -> None:
    caret = "^" if server.version == "3.0" else ""
    for size in ("100000,", ",100000", "100000,100000", "999999999,1", "pct:99999"):
        server.check_status(SQUARES, f"full/{caret}{size}/0/default.jpg", *REFUSED)


@proves("3.0", "10.2")
@proves("2.1", "10.2")
def test_10_nothing_hostile_is_followed(server: Server) -> None:
    for identifier in (
        "..%2F..%2Fetc%2Fpasswd", "..", ".", "%00", f"{SQUARES.name}%00", "%FF%FE", "a" * 5000, "%0d%0aSet-Cookie:x=1",
        "'%20OR%201=1--", "%24%7Bjndi%3A%7D", "..%5C..%5C",
    ):  # fmt: skip
        for behind in ("info.json", REST):
            answer = server.ask(f"{identifier}/{behind}")
            assert answer.status in REFUSED, identifier
            assert "set-cookie" not in answer.headers
    for part in ("%00", "..%2F..", "%0d%0a", "9" * 5000, "-1", "1e9", "nan", "٣", "$(id)"):
        for place in range(4):
            parts = REST.split("/")
            parts[place] = quote(part, safe="%$()")
            server.check_status(SQUARES, "/".join(parts), *REFUSED)


@proves("3.0", "10.3")
@proves("2.1", "10.4")
def test_10_nonsense_is_refused_with_a_fitting_status(server: Server) -> None:
    for rest in (
        "1,2,3/max/0/default.jpg",
        "full/,/0/default.jpg",
        "full/max/x/default.jpg",
        "full/max/0/.jpg",
        "///default.jpg",
    ):
        server.check_status(ODD, rest, 400)
    assert server.ask("nobody/info.json").status == 404
    assert server.ask(f"nobody/{REST}").status == 404
