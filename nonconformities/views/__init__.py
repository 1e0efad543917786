"""Pages of nonconformities."""

from nonconformities.views.corrective import (
    action_add,
    action_change,
    action_move,
    action_proof,
    action_share,
    action_unshare,
)
from nonconformities.views.page import nonconformity_page
from nonconformities.views.reading import bulk, export, nonconformity_list
from nonconformities.views.record import add, change
from nonconformities.views.work import approve, assign, give_back, move, step

__all__ = [
    "action_add",
    "action_change",
    "action_move",
    "action_proof",
    "action_share",
    "action_unshare",
    "add",
    "approve",
    "assign",
    "bulk",
    "change",
    "export",
    "give_back",
    "move",
    "nonconformity_list",
    "nonconformity_page",
    "step",
]
