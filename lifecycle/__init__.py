"""The rules engine: facts in, dated transitions, deadlines and forecast out.

Standard library only: no Django, no clock, no input or output. Every answer names the rule and the
records that caused it. Read it in this order:

``facts`` what is known; ``policy``, ``parameters``, ``catalog`` the numbers of a scheme; ``calendar`` days and
months; ``evolve`` the walk from day to day; ``effects`` what passed deadlines do; ``happenings`` what the facts of
a day do; ``decisions`` what the body may decide; ``certificate``, ``finding``, ``audit``, ``grounds``, ``edition``
what holds on a day; ``answers``, ``deadlines`` what is told of it; ``forecast`` what is lost if nothing is done.
"""
