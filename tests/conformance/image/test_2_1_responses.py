"""Image API 2.1, §7, §10 and appendix A: responses, limits against denial of service, names of files."""

from tests.conformance.image import checks
from tests.conformance.image.serving import KNOWN, SQUARES, Server
from tests.conformance.image.table import proves


@proves("2.1", "7.1.1")
def test_7_1_success_has_what_was_asked_for_in_2(server: Server) -> None:
    checks.check_successes_are_whole(server)


@proves("2.1", "7.1.2")
def test_7_1_redirects_are_empty_in_2(server: Server) -> None:
    checks.check_redirects_are_empty(server)


@proves("2.1", "7.1.3")
def test_7_1_redirects_tell_where_in_2(server: Server) -> None:
    checks.check_redirects_tell_where(server)


@proves("2.1", "7.2.1")
def test_7_2_errors_are_told_in_words_in_2(server: Server) -> None:
    checks.check_errors_speak(server)


@proves("2.1", "10.3")
def test_10_who_enlarges_has_limits(server: Server) -> None:
    for known in KNOWN:
        told = {name: value for entry in server.info(known)["profile"][1:] for name, value in entry.items()}
        assert "sizeAboveFull" not in told["supports"] or {"maxWidth", "maxHeight", "maxArea"} & set(told)
        checks.check_limits_hold(server, told)


@proves("2.1", "A.1")
def test_a_no_other_file_name_is_forced(server: Server) -> None:
    for rest in (checks.STORED, checks.MADE):
        answer = server.ask(f"{SQUARES.name}/{rest}")
        assert answer.status == 200
        assert "attachment" not in " ".join(answer.headers.get("content-disposition", []))


# offered beyond


@proves("2.1", "methods")
def test_7_head_and_options_in_2(server: Server) -> None:
    checks.check_head(server)
    checks.check_options(server)


@proves("2.1", "cors")
def test_7_cors_exactly_once_in_2(server: Server) -> None:
    checks.check_cors_once(server)


@proves("2.1", "etag")
def test_7_1_good_copies_are_not_sent_again_in_2(server: Server) -> None:
    checks.check_good_copies(server)


@proves("2.1", "etags differ")
def test_7_1_no_two_things_share_an_etag_in_2(server: Server) -> None:
    checks.check_etags_differ(server)


@proves("2.1", "last-modified")
def test_7_1_dates_are_compared_in_2(server: Server) -> None:
    checks.check_dates(server)


@proves("2.1", "states")
def test_7_2_each_error_has_its_status_in_2(server: Server) -> None:
    checks.check_known_states(server)


@proves("2.1", "withdrawn")
def test_7_2_what_was_withdrawn_is_gone_in_2(server: Server) -> None:
    checks.check_withdrawn(server)
