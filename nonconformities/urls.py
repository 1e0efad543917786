"""Addresses of nonconformities."""

from django.urls import path, register_converter

from nonconformities import views
from nonconformities.states import WorkStep


class StepConverter:
    """The last part of the address of one of the eight steps."""

    regex = "|".join(WorkStep.values)

    def to_python(self, value: str) -> str:
        """The step."""
        return value

    def to_url(self, value: str) -> str:
        """The part of the address."""
        return value


register_converter(StepConverter, "step")

urlpatterns = [
    path("", views.nonconformity_list, name="nonconformities"),
    path("export/<str:form>/", views.export, name="nonconformity-export"),
    path("bulk/", views.bulk, name="nonconformity-bulk"),
    path("new/", views.add, name="nonconformity-new"),
    path("<int:pk>/", views.nonconformity_page, name="nonconformity"),
    path("<int:pk>/edit/", views.change, name="nonconformity-edit"),
    path("<int:pk>/actions/new/", views.action_add, name="action-new"),
    path("<int:pk>/actions/share/", views.action_share, name="action-share"),
    path("<int:pk>/actions/<int:action>/edit/", views.action_change, name="action-edit"),
    path("<int:pk>/actions/<int:action>/proof/", views.action_proof, name="action-proof"),
    path("<int:pk>/actions/<int:action>/unshare/", views.action_unshare, name="action-unshare"),
    path("<int:pk>/actions/<int:action>/<slug:move>/", views.action_move, name="action-move"),
    path("<int:pk>/<step:step>/", views.step, name="nonconformity-step"),
    path("<int:pk>/<step:step>/approve/", views.approve, name="step-approve"),
    path("<int:pk>/<step:step>/return/", views.give_back, name="step-return"),
    path("<int:pk>/<step:step>/assign/", views.assign, name="step-assign"),
    path("<int:pk>/<slug:name>/", views.move, name="nonconformity-move"),
]
