"""A second, naive reading of the lifecycle contract, written only from its text.

It walks through every single day and does the steps of convention C6 one after the other. It is slow and has nothing
in common with the engine in ``lifecycle/``, so that a mistake in one of the two shows as a difference.
"""

from tests.lifecycle.oracle.answer import oracle_answer

__all__ = ["oracle_answer"]
