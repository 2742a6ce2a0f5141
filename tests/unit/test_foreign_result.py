"""What became of a foreign test: each exception as it was raised, whatever testtools makes of it."""

import unittest
from collections.abc import Callable

import pytest
import testtools
from testtools.runtest import MultipleExceptions

from proof.foreign.result import Result, kinds, leaves, run


class Quota(Exception):
    """A stranger's own."""


def made(body: Callable[[testtools.TestCase], object], kind: type = testtools.TestCase) -> Result:
    class Toy(kind):  # type: ignore[misc, valid-type]
        def test_it(self) -> None:
            body(self)

    return run(Toy("test_it"))


def raised(result: Result) -> BaseException:
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - whatever it is
        result.conclude()
    return caught.value


def fail(error: BaseException) -> Callable[[object], None]:
    def body(_: object) -> None:
        raise error

    return body


@pytest.mark.parametrize("kind", [testtools.TestCase, unittest.TestCase])
def test_what_passes_raises_nothing(kind: type) -> None:
    made(lambda _: None, kind).conclude()


@pytest.mark.parametrize("kind", [testtools.TestCase, unittest.TestCase])
def test_an_exception_is_the_one_that_was_raised(kind: type) -> None:
    error = Quota("too much")
    found = raised(made(fail(error), kind))
    assert found is error
    assert kinds(found) == ["Quota"]
    assert found.__traceback__ is not None


def test_a_mismatch_of_testtools_says_what_did_not_match() -> None:
    found = raised(made(lambda case: case.assertEqual(1, 2)))  # noqa: PT009
    assert isinstance(found, AssertionError)
    assert "1 != 2" in str(found)


def test_those_of_a_multiple_exception_are_told_one_by_one() -> None:
    errors = [Quota("one"), KeyError("two")]
    infos = [(type(error), error, None) for error in errors]
    found = raised(made(fail(MultipleExceptions(*infos))))
    assert isinstance(found, BaseExceptionGroup)
    assert list(leaves(found)) == errors
    assert kinds(found) == ["KeyError", "Quota"]


def test_a_clean_up_that_fails_too_does_not_hide_the_first() -> None:
    first, second = Quota("the test"), Quota("its clean-up")

    def body(case: testtools.TestCase) -> None:
        case.addCleanup(fail(second), None)
        raise first

    assert list(leaves(raised(made(body)))) == [first, second]


@pytest.mark.parametrize("kind", [testtools.TestCase, unittest.TestCase])
def test_a_skip_is_one_with_its_reason(kind: type) -> None:
    found = raised(made(lambda case: case.skipTest("no such service"), kind))
    assert isinstance(found, pytest.skip.Exception)
    assert str(found) == "no such service"


def test_a_failure_in_a_sub_test_is_one() -> None:
    def body(case: unittest.TestCase) -> None:
        with case.subTest("a"):
            case.fail("not so")

    assert "not so" in str(raised(made(body, unittest.TestCase)))


def test_what_passes_though_it_should_not_fails() -> None:
    class Toy(unittest.TestCase):
        @unittest.expectedFailure
        def test_it(self) -> None: ...

    assert "expected to fail" in str(raised(run(Toy("test_it"))))
