"""Every rule of a scheme as a sentence, with its numbers and how far they are verified."""

from __future__ import annotations

from collections.abc import Callable

from lifecycle.calendar import Duration
from lifecycle.policy import AuditRule, GradeRules, Policy, StepRule

CHECK = "check against your scheme's own text"

_BREACH = {
    "suspend": "otherwise the certificate is suspended",
    "withdraw": "otherwise the certificate is withdrawn",
}
_STEP_DONE = {
    "response": "is answered",
    "plan": "has an accepted plan of action",
    "action": "has its corrective action done",
    "closure": "is closed",
}


def rule_in_words(policy: Policy, rule_id: str) -> str:
    """What a rule says under this policy, as one sentence without its final stop.

    A decision of the body is its own rule. The empty text is returned for an unknown rule.
    """
    if rule_id.startswith("decision."):
        return "a decision of the certification body"
    if rule_id in _SENTENCES:
        return _SENTENCES[rule_id](policy)
    for rules in policy.grade_rules.values():
        if rule_id == f"nc.{rules.grade}.opening":
            suspends = "suspends" if rules.opening_suspends else "does not suspend"
            return f"a nonconformity of grade {rules.grade} {suspends} the certificate when it is raised"
        if rule_id == f"nc.{rules.grade}.work":
            return _work(rules)
        for step in rules.steps:
            if step.id == rule_id:
                return _step(step, rules.grade)
    return ""


def source_in_words(policy: Policy, rule_id: str) -> str:
    """Where the number comes from, and that it must be checked when no source was read for it."""
    source = policy.sources.get(rule_id)
    if source is None:
        return ""
    clause = f"{source.document}, {source.clause}" if source.clause else source.document
    return clause if source.verified == "yes" else f"{clause}; {CHECK}"


def _work(rules: GradeRules) -> str:
    before = [
        word
        for wanted, word in ((rules.verified, "verified"), (rules.effect_judged, "judged for its effect"))
        if wanted
    ]
    needed = (
        f"needs its corrective action {' and '.join(before)} before it is closed"
        if before
        else "can be closed without a verification"
    )
    approval = (
        "its steps are approved by another person than their author"
        if rules.four_eyes
        else "nobody else must approve its steps"
    )
    audit = "; a follow-up audit is held before it is closed" if rules.followed_up else ""
    return f"a nonconformity of grade {rules.grade} {needed}; {approval}{audit}"


def _step(rule: StepRule, grade: str) -> str:
    start = "its notification" if rule.from_notification else "it is raised"
    if rule.due is None:
        return f"no time is set until a nonconformity of grade {grade} {_STEP_DONE[rule.step]}"
    when = f"within {rule.due.in_words()} after {start}" if isinstance(rule.due, Duration) else "by the next audit"
    becomes = f"otherwise it becomes {rule.becomes}" if rule.escalates_at_next_audit else None
    sentence = f"a nonconformity of grade {grade} {_STEP_DONE[rule.step]} {when}"
    return _joined(sentence, becomes or _breach(rule.on_breach, rule.effect_after))


def _breach(on_breach: str, effect_after: Duration) -> str:
    words = _BREACH.get(on_breach, "")
    late = effect_after != Duration(1, "d")
    return f"{words}, {effect_after.in_words()} after the due date" if words and late else words


def _joined(sentence: str, consequence: str) -> str:
    return f"{sentence}; {consequence}" if consequence else sentence


def _audit(sentence: str, rule: AuditRule) -> str:
    return _joined(sentence, _breach(rule.on_breach, rule.effect_after))


def _cycle(policy: Policy) -> str:
    last = "the anniversary" if policy.cycle.on_anniversary else "the day before the anniversary"
    return f"a certification lasts {policy.cycle.length.in_words()}; its last valid day is {last}"


def _first_surveillance(policy: Policy) -> str:
    rule = policy.first_surveillance
    if rule.due is None:
        return "no time is set for the first surveillance audit"
    start = "the certificate's issue" if rule.from_issue else "the certification decision"
    return _audit(f"the first surveillance audit takes place within {rule.due.in_words()} after {start}", rule)


def _yearly_surveillance(policy: Policy) -> str:
    if not policy.yearly_surveillance.required:
        return "no surveillance audit is asked for by calendar year"
    return _audit(
        "a surveillance audit takes place in every calendar year after the first of a cycle and before its last",
        policy.yearly_surveillance,
    )


def _surveillance_interval(policy: Policy) -> str:
    rule = policy.surveillance_interval
    if rule.due is None:
        return "no longest time between two surveillance audits is set"
    return _audit(f"each surveillance audit takes place within {rule.due.in_words()} after the one before", rule)


def _surveillance_window(policy: Policy) -> str:
    rule = policy.surveillance_window
    if rule.every is None:
        return "no windows for surveillance audits are set"
    sentence = (
        f"surveillance audits take place every {_months(rule.every)} after the stage 2 or recertification audit, "
        f"{_months(rule.before)} earlier at most and {_months(rule.after)} later at most"
    )
    return _joined(sentence, _breach(rule.on_breach, rule.effect_after))


def _months(count: int) -> str:
    return Duration(count, "m").in_words()


def _accumulation(policy: Policy) -> str:
    rule = policy.accumulation
    if rule.count is None:
        return "several nonconformities do not make one of another grade"
    place = "of one clause" if rule.per_clause else "of one certificate"
    return f"{rule.count} open nonconformities of grade {rule.grade} {place} make one of grade {rule.becomes}"


def _failed_verification(policy: Policy) -> str:
    recommends = policy.failed_verification_recommends_withdrawal
    effect = "leads to a recommendation to withdraw" if recommends else "has no effect of its own"
    return f"a corrective action that proves not effective {effect}"


def _suspension(policy: Policy) -> str:
    if policy.suspension_limit is None:
        return "a suspension has no time limit"
    consequence = "otherwise the certificate is withdrawn" if policy.suspension_withdraws else ""
    return _joined(f"the grounds of a suspension are resolved within {policy.suspension_limit.in_words()}", consequence)


def _recertification_major(policy: Policy) -> str:
    if not policy.recertification_open_major:
        return "a major nonconformity of a recertification audit has no date of its own"
    return "a major nonconformity of a recertification audit is closed before the certificate expires"


def _restoration(policy: Policy) -> str:
    if policy.restoration_limit is None:
        return "an expired certificate cannot be restored"
    after = (
        "then a new stage 2 audit is needed" if policy.restoration_by_stage2 else "then a new certification is needed"
    )
    consequence = "then the certificate is withdrawn" if policy.restoration_withdraws else after
    return f"an expired certificate can be restored within {policy.restoration_limit.in_words()}; {consequence}"


def _stage2_verification(policy: Policy) -> str:
    if policy.stage2_verification_limit is None:
        return "no time is set to close the major nonconformities of a stage 2 audit"
    return (
        "the major nonconformities of a stage 2 audit are closed within "
        f"{policy.stage2_verification_limit.in_words()} after its last day; otherwise another stage 2 is needed"
    )


def _transfer(policy: Policy) -> str:
    if policy.transfer_limit is None:
        return "no time is set for a transfer after a loss of accreditation"
    return f"after a loss of accreditation the certificate is transferred within {policy.transfer_limit.in_words()}"


def _edition_end(policy: Policy) -> str:
    words = {"expire": "expires", "suspend": "is suspended", "withdraw": "is withdrawn"}
    return f"a certificate still held to an old edition {words[policy.edition_end_effect]} when that edition ends"


def _stage_gap(policy: Policy) -> str:
    least = f"at least {policy.stage_gap_min.in_words()}" if policy.stage_gap_min else ""
    most = f"at most {policy.stage_gap_max.in_words()}" if policy.stage_gap_max else ""
    gap = " and ".join(part for part in (least, most) if part)
    return f"stage 2 follows stage 1 after {gap}" if gap else "no time is set between stage 1 and stage 2"


def _reapplication(policy: Policy) -> str:
    wait = policy.reapplication_wait
    when = f"{wait.in_words()} after" if wait is not None and wait.count else "at once after"
    return f"a new certification is possible {when} a withdrawal"


_SENTENCES: dict[str, Callable[[Policy], str]] = {
    "cycle": _cycle,
    "surveillance.first": _first_surveillance,
    "surveillance.yearly": _yearly_surveillance,
    "surveillance.interval": _surveillance_interval,
    "surveillance.window": _surveillance_window,
    "nc.accumulation": _accumulation,
    "nc.failed_verification": _failed_verification,
    "suspension": _suspension,
    "recertification.open_major": _recertification_major,
    "restoration": _restoration,
    "stage2.verification": _stage2_verification,
    "stage1_to_stage2": _stage_gap,
    "transfer": _transfer,
    "edition.end": _edition_end,
    "reapplication": _reapplication,
}
