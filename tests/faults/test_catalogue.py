"""Every fault of the catalogue has tests that exist, or says why it has none."""

from tests.faults.catalogue import Outcomes, faults, missing


def test_the_catalogue_is_whole():
    ids = [fault.id for fault in faults()]
    assert len(ids) == len(set(ids)) == 137


def test_every_test_of_the_catalogue_exists():
    assert [(fault.id, test) for fault in faults() for test in fault.tests if missing(test)] == []
    assert missing("tests/faults/test_catalogue.py::test_that_is_not_there")
    assert missing("tests/faults/test_not_there.py")


def test_every_fault_is_tested_or_says_why_not():
    assert [fault.id for fault in faults() if bool(fault.tests) == bool(fault.open)] == []


def test_a_fault_is_survived_when_all_its_tests_ran_and_passed():
    by_id = {fault.id: fault for fault in faults()}
    outcomes = Outcomes()
    outcomes.passed = {f"{test}[1]" for test in by_id["C3"].tests}
    assert outcomes.survived(by_id["C3"])
    assert not outcomes.survived(by_id["C4"])
    outcomes.others = {f"{by_id['C3'].tests[0]}[2]"}
    assert not outcomes.survived(by_id["C3"])
