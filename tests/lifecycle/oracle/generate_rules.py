"""Random rule overrides: every parameter of section 5, most often near the values that schemes use."""

from random import Random
from typing import Any

from tests.lifecycle.oracle.nonconformity import STEPS

Rules = dict[str, dict[str, Any]]

SHORT = ["0d", "14d", "28d", "30d", "60d", "90d", "1m", "3m"]
LONG = ["3m", "6m", "12m", "180d", "1m"]
EFFECT_AFTER = ["0d", "1d", "1d", "7d", "1m"]


def some(random: Random, chances: dict[str, list[Any]], share: float = 0.6) -> dict[str, Any]:
    """A part of the parameters of a rule, each with one of its values."""
    chosen = {name: random.choice(values) for name, values in chances.items() if random.random() < share}
    return chosen or {next(iter(chances)): random.choice(next(iter(chances.values())))}


def random_rules(random: Random, grades: list[str]) -> Rules:
    """Overrides for a few rules of a scheme with these grades."""
    rules: Rules = {}
    for rule_id, chances in certificate_rules().items():
        if random.random() < 0.12:
            rules[rule_id] = some(random, chances)
    if random.random() < 0.5:
        for _ in range(random.randint(1, 4)):
            grade = random.choice(grades)
            rules.update(nonconformity_rule(random, grade, grades))
    if random.random() < 0.35:
        rules["nc.accumulation"] = accumulation(random, grades)
    return rules


def certificate_rules() -> dict[str, dict[str, list[Any]]]:
    """Parameters and values of the rules that concern the whole certificate."""
    audit = {"on_breach": ["none", "suspend", "suspend", "withdraw"], "effect_after": EFFECT_AFTER}
    return {
        "cycle": {"length": ["12m", "24m", "36m"], "last_day": ["anniversary", "day_before_anniversary"]},
        "surveillance.first": {"due": ["0d", "6m", "12m", "12m", None], "anchor": ["decision", "issue"], **audit},
        "surveillance.yearly": {"required": [True, True, False], **audit},
        "surveillance.interval": {"due": ["0d", "6m", "6m", "12m", "12m", "200d"], **audit},
        "surveillance.window": {
            "every": ["6m", "9m", "12m"],
            "before": ["1m", "2m", "3m"],
            "after": ["1m", "3m"],
            "count": [1, 2, 3, 5],
            **audit,
        },
        "nc.failed_verification": {"effect": ["none", "recommend_withdrawal"]},
        "suspension": {"limit": ["3m", "6m", "110d", None], "on_breach": ["none", "withdraw"], "valid": [True, False]},
        "recertification.open_major": {"required": [True, False]},
        "restoration": {
            "limit": ["30d", "6m", "3m", None],
            "on_breach": ["none", "withdraw"],
            "otherwise": ["stage2", "new_certification"],
        },
        "stage2.verification": {"limit": ["3m", "6m", None]},
        "stage1_to_stage2": {"min": ["20d", None], "max": ["90d", "3m", None]},
        "transfer": {"limit": ["3m", "6m", None]},
        "edition.end": {"effect": ["expire", "suspend", "withdraw"], "restore": ["6m", "3m", None]},
        "reapplication": {"wait": ["0m", "3m", "12m", "30d"]},
    }


def nonconformity_rule(random: Random, grade: str, grades: list[str]) -> Rules:
    """One step, or the opening, of one grade."""
    if random.random() < 0.25:
        return {f"nc.{grade}.opening": {"effect": random.choice(["none", "suspend"])}}
    rule: dict[str, Any] = {"due": random.choice([*SHORT, *LONG, "next_audit", None])}
    if random.random() < 0.8:
        rule["on_breach"] = random.choice(["none", "suspend", "withdraw", "escalate"])
        if rule["on_breach"] == "escalate":
            rule["due"] = random.choice(["next_audit", "next_audit", "60d"])
            rule["becomes"] = random.choice(grades)
    if random.random() < 0.4:
        rule["anchor"] = random.choice(["audit_end", "notification"])
    if random.random() < 0.4:
        rule["effect_after"] = random.choice(EFFECT_AFTER)
    return {f"nc.{grade}.{random.choice(STEPS)}": rule}


def accumulation(random: Random, grades: list[str]) -> dict[str, Any]:
    """Two or three make one, of one clause or of the whole certificate."""
    grade, becomes = random.choice(grades), random.choice(grades)
    per = random.choice(["clause", "certificate"])
    return {"count": random.choice([1, 2, 2, 2, 3]), "per": per, "grade": grade, "becomes": becomes}
