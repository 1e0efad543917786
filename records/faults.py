"""Places at which a rehearsal may break a process, to prove that nothing is lost or done twice.

``ISOTRACK_FAULT=sweep.after_judge:3:kill`` ends the process at the third pass of that place as ``kill -9`` would;
``raise`` raises there, ``stop`` freezes the process until it is told to go on. Without the variable a place does
nothing.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

_PLAN = os.environ.get("ISOTRACK_FAULT", "")
_passes: Counter[str] = Counter()


class FaultInjected(RuntimeError):
    """A rehearsal asked for this failure."""


if _PLAN:

    def faultpoint(name: str) -> None:
        """Break here if the rehearsal's plan says so."""
        place, number, act = _PLAN.split(":")
        _passes[name] += 1
        if name != place or _passes[name] != int(number):
            return
        if act == "kill":
            os._exit(137)
        if act == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        if act == "raise":
            raise FaultInjected(name)

else:

    def faultpoint(name: str) -> None:
        """Nothing is broken outside a rehearsal."""
