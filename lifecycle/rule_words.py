"""Every rule of a scheme as a sentence, with its numbers and how far they are verified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lifecycle.calendar import Duration
from lifecycle.language import ENGLISH, Language, duration_in_words, gettext_noop
from lifecycle.policy import AuditRule, GradeRules, Policy, StepRule, WindowRule


def rule_in_words(policy: Policy, rule_id: str, language: Language = ENGLISH) -> str:
    """What a rule says under this policy, as one sentence without its final stop.

    A decision of the body is its own rule. The empty text is returned for an unknown rule.
    """
    speaker = _Speaker(policy, language)
    sentence, threat = speaker.sentence(rule_id), speaker.threat(rule_id)
    if not threat:
        return sentence
    return language.gettext("%(rule)s; otherwise %(threat)s") % {"rule": sentence, "threat": threat}


def threat_in_words(policy: Policy, rule_id: str, language: Language = ENGLISH) -> str:
    """What comes of it when the rule is broken, as it follows "otherwise"; empty when nothing does."""
    return _Speaker(policy, language).threat(rule_id)


def source_in_words(policy: Policy, rule_id: str, language: Language = ENGLISH) -> str:
    """Where the number comes from, and that it must be checked when no source was read for it."""
    source = policy.sources.get(rule_id)
    if source is None:
        return ""
    clause = f"{source.document}, {source.clause}" if source.clause else source.document
    return clause if source.verified == "yes" else f"{clause}; {check_in_words(language)}"


def check_in_words(language: Language = ENGLISH) -> str:
    """That nobody has read a source for a number."""
    return language.gettext("check against your scheme's own text")


def grade_in_words(grade: str, language: Language = ENGLISH) -> str:
    """A grade within a sentence."""
    return language.gettext(_GRADES[grade]) if grade in _GRADES else grade


@dataclass(frozen=True)
class _Speaker:
    """Says the rules of one policy in one language."""

    policy: Policy
    language: Language

    def sentence(self, rule_id: str) -> str:
        """The rule without what it threatens."""
        if rule_id.startswith("decision."):
            return self.language.gettext("a decision of the certification body")
        if rule_id in _SENTENCES:
            return _SENTENCES[rule_id](self)
        for rules in self.policy.grade_rules.values():
            if rule_id == f"nc.{rules.grade}.opening":
                return self._opening(rules)
            if rule_id == f"nc.{rules.grade}.work":
                return self._work(rules)
            for step in rules.steps:
                if step.id == rule_id:
                    return self._step(step, rules.grade)
        return ""

    def threat(self, rule_id: str) -> str:
        """What comes of it when the rule is broken; a rule that is off threatens nothing."""
        if rule_id in _AUDITS:
            rule, on = _AUDITS[rule_id](self.policy)
            return self._breach(rule.on_breach, rule.effect_after) if on else ""
        if rule_id == "suspension" and self.policy.suspension_limit and self.policy.suspension_withdraws:
            return self.language.gettext("the certificate is withdrawn")
        if rule_id == "stage2.verification" and self.policy.stage2_verification_limit:
            return self.language.gettext("another stage 2 is needed")
        for rules in self.policy.grade_rules.values():
            for step in rules.steps:
                if step.id == rule_id and step.due is not None:
                    return self._late(step)
        return ""

    def _late(self, rule: StepRule) -> str:
        if rule.escalates_at_next_audit:
            return self.language.gettext("it becomes %(grade)s") % {"grade": self._grade(rule.becomes)}
        return self._breach(rule.on_breach, rule.effect_after)

    def _breach(self, on_breach: str, effect_after: Duration) -> str:
        if on_breach not in _BREACHES:
            return ""
        at_once, later = _BREACHES[on_breach]
        if effect_after == Duration(1, "d"):
            return self.language.gettext(at_once)
        return self.language.gettext(later) % {"time": self._time(effect_after)}

    def _time(self, duration: Duration) -> str:
        return duration_in_words(duration, self.language)

    def _months(self, count: int) -> str:
        return self._time(Duration(count, "m"))

    def _grade(self, grade: str | None) -> str:
        return grade_in_words(grade or "", self.language)

    def _opening(self, rules: GradeRules) -> str:
        gettext = self.language.gettext
        if rules.opening_suspends:
            words = gettext("a nonconformity of grade %(grade)s suspends the certificate when it is raised")
        else:
            words = gettext("a nonconformity of grade %(grade)s does not suspend the certificate when it is raised")
        return words % {"grade": self._grade(rules.grade)}

    def _work(self, rules: GradeRules) -> str:
        gettext = self.language.gettext
        needed = gettext(_WORK[bool(rules.verified), bool(rules.effect_judged)])
        parts = [needed % {"grade": self._grade(rules.grade)}]
        if rules.four_eyes:
            parts.append(gettext("its steps are approved by another person than their author"))
        else:
            parts.append(gettext("nobody else must approve its steps"))
        if rules.followed_up:
            parts.append(gettext("a follow-up audit is held before it is closed"))
        return "; ".join(parts)

    def _step(self, rule: StepRule, grade: str) -> str:
        if rule.due is None:
            start = "none"
        elif not isinstance(rule.due, Duration):
            start = "next_audit"
        else:
            start = "notification" if rule.from_notification else "raised"
        time = self._time(rule.due) if isinstance(rule.due, Duration) else ""
        return self.language.gettext(_STEPS[rule.step, start]) % {"grade": self._grade(grade), "time": time}

    def cycle(self) -> str:
        """How long a certification lasts."""
        gettext, rule = self.language.gettext, self.policy.cycle
        if rule.on_anniversary:
            words = gettext("a certification lasts %(time)s; its last valid day is the anniversary")
        else:
            words = gettext("a certification lasts %(time)s; its last valid day is the day before the anniversary")
        return words % {"time": self._time(rule.length)}

    def first_surveillance(self) -> str:
        """When the first surveillance audit is due."""
        gettext, rule = self.language.gettext, self.policy.first_surveillance
        if rule.due is None:
            return gettext("no time is set for the first surveillance audit")
        if rule.from_issue:
            words = gettext("the first surveillance audit takes place within %(time)s after the certificate's issue")
        else:
            words = gettext("the first surveillance audit takes place within %(time)s after the certification decision")
        return words % {"time": self._time(rule.due)}

    def yearly_surveillance(self) -> str:
        """Whether every calendar year needs a surveillance audit."""
        if not self.policy.yearly_surveillance.required:
            return self.language.gettext("no surveillance audit is asked for by calendar year")
        return self.language.gettext(
            "a surveillance audit takes place in every calendar year after the first of a cycle and before its last"
        )

    def surveillance_interval(self) -> str:
        """The longest time between surveillance audits."""
        gettext, rule = self.language.gettext, self.policy.surveillance_interval
        if rule.due is None:
            return gettext("no longest time between two surveillance audits is set")
        words = gettext("each surveillance audit takes place within %(time)s after the one before")
        return words % {"time": self._time(rule.due)}

    def surveillance_window(self) -> str:
        """The windows in which surveillance audits take place."""
        gettext, rule = self.language.gettext, self.policy.surveillance_window
        if rule.every is None:
            return gettext("no windows for surveillance audits are set")
        words = gettext(
            "surveillance audits take place every %(every)s after the stage 2 or recertification audit, %(before)s "
            "earlier at most and %(after)s later at most"
        )
        return words % {
            "every": self._months(rule.every),
            "before": self._months(rule.before),
            "after": self._months(rule.after),
        }

    def accumulation(self) -> str:
        """How many of one grade make one of another."""
        gettext, rule = self.language.gettext, self.policy.accumulation
        if rule.count is None:
            return gettext("several nonconformities do not make one of another grade")
        if rule.per_clause:
            words = gettext(
                "%(count)d open nonconformities of grade %(grade)s of one clause make one of grade %(becomes)s"
            )
        else:
            words = gettext(
                "%(count)d open nonconformities of grade %(grade)s of one certificate make one of grade %(becomes)s"
            )
        return words % {"count": rule.count, "grade": self._grade(rule.grade), "becomes": self._grade(rule.becomes)}

    def failed_verification(self) -> str:
        """What comes of a corrective action that does not help."""
        if self.policy.failed_verification_recommends_withdrawal:
            return self.language.gettext(
                "a corrective action that proves not effective leads to a recommendation to withdraw"
            )
        return self.language.gettext("a corrective action that proves not effective has no effect of its own")

    def suspension(self) -> str:
        """How long a suspension may last."""
        if self.policy.suspension_limit is None:
            return self.language.gettext("a suspension has no time limit")
        words = self.language.gettext("the grounds of a suspension are resolved within %(time)s")
        return words % {"time": self._time(self.policy.suspension_limit)}

    def recertification_major(self) -> str:
        """When a major of a recertification audit is closed."""
        if not self.policy.recertification_open_major:
            return self.language.gettext("a major nonconformity of a recertification audit has no date of its own")
        return self.language.gettext(
            "a major nonconformity of a recertification audit is closed before the certificate expires"
        )

    def restoration(self) -> str:
        """How long an expired certificate can be restored."""
        gettext, policy = self.language.gettext, self.policy
        if policy.restoration_limit is None:
            return gettext("an expired certificate cannot be restored")
        if policy.restoration_withdraws:
            words = gettext("an expired certificate can be restored within %(time)s; then the certificate is withdrawn")
        elif policy.restoration_by_stage2:
            words = gettext(
                "an expired certificate can be restored within %(time)s; then a new stage 2 audit is needed"
            )
        else:
            words = gettext(
                "an expired certificate can be restored within %(time)s; then a new certification is needed"
            )
        return words % {"time": self._time(policy.restoration_limit)}

    def stage2_verification(self) -> str:
        """When the majors of a stage 2 audit are closed."""
        if self.policy.stage2_verification_limit is None:
            return self.language.gettext("no time is set to close the major nonconformities of a stage 2 audit")
        words = self.language.gettext(
            "the major nonconformities of a stage 2 audit are closed within %(time)s after its last day"
        )
        return words % {"time": self._time(self.policy.stage2_verification_limit)}

    def transfer(self) -> str:
        """How long a transfer may take after a loss of accreditation."""
        if self.policy.transfer_limit is None:
            return self.language.gettext("no time is set for a transfer after a loss of accreditation")
        words = self.language.gettext("after a loss of accreditation the certificate is transferred within %(time)s")
        return words % {"time": self._time(self.policy.transfer_limit)}

    def edition_end(self) -> str:
        """What the end of an edition does to a certificate that is still held to it."""
        return self.language.gettext(_EDITION_ENDS[self.policy.edition_end_effect])

    def stage_gap(self) -> str:
        """The time between stage 1 and stage 2."""
        gettext, least, most = self.language.gettext, self.policy.stage_gap_min, self.policy.stage_gap_max
        if least and most:
            words = gettext("stage 2 follows stage 1 after at least %(least)s and at most %(most)s")
        elif least:
            words = gettext("stage 2 follows stage 1 after at least %(least)s")
        elif most:
            words = gettext("stage 2 follows stage 1 after at most %(most)s")
        else:
            return gettext("no time is set between stage 1 and stage 2")
        return words % {"least": self._time(least) if least else "", "most": self._time(most) if most else ""}

    def reapplication(self) -> str:
        """When a new certification is possible after a withdrawal."""
        wait = self.policy.reapplication_wait
        if wait is None or not wait.count:
            return self.language.gettext("a new certification is possible at once after a withdrawal")
        words = self.language.gettext("a new certification is possible %(time)s after a withdrawal")
        return words % {"time": self._time(wait)}


_GRADES = {
    "critical": gettext_noop("critical"),
    "major": gettext_noop("major"),
    "minor": gettext_noop("minor"),
    "opportunity": gettext_noop("opportunity"),
}
# What a missed deadline brings: the day after it, and later.
_BREACHES = {
    "suspend": (
        gettext_noop("the certificate is suspended"),
        gettext_noop("the certificate is suspended, %(time)s after the due date"),
    ),
    "withdraw": (
        gettext_noop("the certificate is withdrawn"),
        gettext_noop("the certificate is withdrawn, %(time)s after the due date"),
    ),
}
# What a closure needs: whether a verification, and whether a judged effect.
_WORK = {
    (True, True): gettext_noop(
        "a nonconformity of grade %(grade)s needs its corrective action verified and judged for its effect before it "
        "is closed"
    ),
    (True, False): gettext_noop(
        "a nonconformity of grade %(grade)s needs its corrective action verified before it is closed"
    ),
    (False, True): gettext_noop(
        "a nonconformity of grade %(grade)s needs its corrective action judged for its effect before it is closed"
    ),
    (False, False): gettext_noop("a nonconformity of grade %(grade)s can be closed without a verification"),
}
_EDITION_ENDS = {
    "expire": gettext_noop("a certificate still held to an old edition expires when that edition ends"),
    "suspend": gettext_noop("a certificate still held to an old edition is suspended when that edition ends"),
    "withdraw": gettext_noop("a certificate still held to an old edition is withdrawn when that edition ends"),
}
# The sentence of a step of the work on a nonconformity, by where its time starts.
_STEPS = {
    ("response", "none"): gettext_noop("no time is set until a nonconformity of grade %(grade)s is answered"),
    ("response", "next_audit"): gettext_noop("a nonconformity of grade %(grade)s is answered by the next audit"),
    ("response", "raised"): gettext_noop(
        "a nonconformity of grade %(grade)s is answered within %(time)s after it is raised"
    ),
    ("response", "notification"): gettext_noop(
        "a nonconformity of grade %(grade)s is answered within %(time)s after its notification"
    ),
    ("plan", "none"): gettext_noop(
        "no time is set until a nonconformity of grade %(grade)s has an accepted plan of action"
    ),
    ("plan", "next_audit"): gettext_noop(
        "a nonconformity of grade %(grade)s has an accepted plan of action by the next audit"
    ),
    ("plan", "raised"): gettext_noop(
        "a nonconformity of grade %(grade)s has an accepted plan of action within %(time)s after it is raised"
    ),
    ("plan", "notification"): gettext_noop(
        "a nonconformity of grade %(grade)s has an accepted plan of action within %(time)s after its notification"
    ),
    ("action", "none"): gettext_noop(
        "no time is set until a nonconformity of grade %(grade)s has its corrective action done"
    ),
    ("action", "next_audit"): gettext_noop(
        "a nonconformity of grade %(grade)s has its corrective action done by the next audit"
    ),
    ("action", "raised"): gettext_noop(
        "a nonconformity of grade %(grade)s has its corrective action done within %(time)s after it is raised"
    ),
    ("action", "notification"): gettext_noop(
        "a nonconformity of grade %(grade)s has its corrective action done within %(time)s after its notification"
    ),
    ("closure", "none"): gettext_noop("no time is set until a nonconformity of grade %(grade)s is closed"),
    ("closure", "next_audit"): gettext_noop("a nonconformity of grade %(grade)s is closed by the next audit"),
    ("closure", "raised"): gettext_noop(
        "a nonconformity of grade %(grade)s is closed within %(time)s after it is raised"
    ),
    ("closure", "notification"): gettext_noop(
        "a nonconformity of grade %(grade)s is closed within %(time)s after its notification"
    ),
}
# Rules about audits, with whether each is on.
_AUDITS: dict[str, Callable[[Policy], tuple[AuditRule | WindowRule, bool]]] = {
    "surveillance.first": lambda p: (p.first_surveillance, p.first_surveillance.due is not None),
    "surveillance.yearly": lambda p: (p.yearly_surveillance, p.yearly_surveillance.required),
    "surveillance.interval": lambda p: (p.surveillance_interval, p.surveillance_interval.due is not None),
    "surveillance.window": lambda p: (p.surveillance_window, p.surveillance_window.every is not None),
}
_SENTENCES: dict[str, Callable[[_Speaker], str]] = {
    "cycle": _Speaker.cycle,
    "surveillance.first": _Speaker.first_surveillance,
    "surveillance.yearly": _Speaker.yearly_surveillance,
    "surveillance.interval": _Speaker.surveillance_interval,
    "surveillance.window": _Speaker.surveillance_window,
    "nc.accumulation": _Speaker.accumulation,
    "nc.failed_verification": _Speaker.failed_verification,
    "suspension": _Speaker.suspension,
    "recertification.open_major": _Speaker.recertification_major,
    "restoration": _Speaker.restoration,
    "stage2.verification": _Speaker.stage2_verification,
    "stage1_to_stage2": _Speaker.stage_gap,
    "transfer": _Speaker.transfer,
    "edition.end": _Speaker.edition_end,
    "reapplication": _Speaker.reapplication,
}
