"""The flags of an answer (section 3), each as its sentence says."""

from datetime import date

from tests.lifecycle.oracle import audits
from tests.lifecycle.oracle.nonconformity import STEPS, Nonconformity
from tests.lifecycle.oracle.story import Story


def flags(story: Story, day: date) -> list[str]:
    """The names of the flags that are up at the end of a day, in alphabetical order."""
    up = {
        "accreditation_lost": story.in_force and story.loss() is not None,
        "another_stage2_required": story.another_stage2_required(day),
        "edition_ends_before_expiry": story.in_force and edition_ends_before_expiry(story),
        "lapse_to_show": story.lapse_to_show,
        "lift_possible": story.status == "suspended" and not story.open_grounds(day),
        "new_certification_required": new_certification_required(story, day),
        "overdue": story.in_force and overdue(story, day),
        "scope_reduced": story.scope_reduced,
        "stage2_required": stage2_required(story, day),
        "transferable": story.transferable(day),
        "under_appeal": story.appeal_pending,
        "valid_while_suspended": story.status == "suspended" and bool(story.rules["suspension"]["valid"]),
        "withdrawal_recommended": story.in_force and withdrawal_recommended(story, day),
    }
    return sorted(name for name, is_up in up.items() if is_up)


def edition_ends_before_expiry(story: Story) -> bool:
    end = story.edition_end()
    return end is not None and story.expires_on is not None and end < story.expires_on


def stage2_required(story: Story, day: date) -> bool:
    """Expired by cycle, time to restore over, ``restoration.otherwise: stage2``."""
    if story.status != "expired" or not story.expires_by_cycle() or story.restorable(day):
        return False
    return bool(story.rules["restoration"]["otherwise"] == "stage2")


def new_certification_required(story: Story, day: date) -> bool:
    """Withdrawn, or expired and not restorable otherwise than below."""
    if story.status == "expired":
        return not story.restorable(day) and not stage2_required(story, day)
    return story.status == "withdrawn"


def overdue(story: Story, day: date) -> bool:
    """A dated step of an open nonconformity has passed undone, or a missed audit was not made up."""
    return any(step_overdue(n, day) for n in story.nonconformities) or audits.overdue(story, day)


def step_overdue(nonconformity: Nonconformity, day: date) -> bool:
    if nonconformity.is_over(day):
        return False
    dated = [(step, nonconformity.due_date(step)) for step in STEPS]
    return any(due is not None and due < day and not nonconformity.is_done(step, day) for step, due in dated)


def withdrawal_recommended(story: Story, day: date) -> bool:
    """A decision-blocking nonconformity is open and its last verification failed."""
    if story.rules["nc.failed_verification"]["effect"] != "recommend_withdrawal":
        return False
    return any(n.last_verification_failed(day) for n in story.open_majors(day))
