"""The pages of evidence as people use them, without a script."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import clock
from evidence import actions
from evidence.models import Evidence
from tests.evidence.conftest import attached, given
from tests.evidence.files import PDF, jpeg
from tests.factories import BY, certificate, nonconformity
from tests.pages import problems, queries_of, says_beside, signed_in, text_of

DAY = date(2026, 5, 4)


@pytest.fixture(autouse=True)
def in_may():
    with clock.at(DAY):
        yield


@pytest.fixture
def address(nc):
    return f"/evidence/for/nonconformity/{nc.pk}/"


def upload(name: str = "report.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_attach_from_the_page_of_a_record(officer, nc, address):
    browser = signed_in(officer)
    page = browser.get(f"/ncs/{nc.pk}/")
    assert f'action="{address}"' in page.content.decode()
    assert "No document or photo is attached yet." in text_of(page)
    response = browser.post(address, {"file": upload(), "title": "Calibration"}, follow=True)
    assert response.redirect_chain == [(f"/ncs/{nc.pk}/", 302)]
    words = text_of(response)
    assert "“Calibration” is attached." in words
    assert "1 document" in words
    found = Evidence.objects.get()
    assert (found.owner, found.current.uploaded_by) == (officer, "Marta Zielińska")


def test_a_photo_from_the_camera(officer, nc, address):
    assert signed_in(officer).post(address, {"photo": upload("image.jpg", jpeg())}).status_code == 302
    assert Evidence.objects.get().current.media_type == "image/jpeg"


def test_nothing_chosen(officer, address):
    response = signed_in(officer).post(address, {"title": "Calibration"})
    assert (response.status_code, problems(response)) == (422, [("id_file", "Choose a file or take a photo")])
    assert 'value="Calibration"' in response.content.decode()


def test_a_refused_file_is_said_beside_the_field(officer, address):
    response = signed_in(officer).post(address, {"file": upload(content=b"<html>"), "title": "T"})
    assert response.status_code == 422
    assert says_beside(response, "id_file").startswith("The content is not what the name says.")
    assert Evidence.objects.count() == 0


def test_an_empty_file_is_said_beside_the_field(officer, address):
    response = signed_in(officer).post(address, {"file": upload(content=b"")})
    assert says_beside(response, "id_file").startswith("The file is empty.")


def test_dates_that_contradict_each_other(officer, address):
    dates = {"effective_on_day": "4", "effective_on_month": "5", "effective_on_year": "2026"}
    until = {"expires_on_day": "3", "expires_on_month": "May", "expires_on_year": "2026"}
    response = signed_in(officer).post(address, {"file": upload(), **dates, **until})
    assert problems(response) == [("id_expires_on_0", "This day is before the date of the document.")]


def test_a_manager_reads_and_adds_nothing(manager, nc, address):
    browser = signed_in(manager)
    assert address not in browser.get(f"/ncs/{nc.pk}/").content.decode()
    assert browser.post(address, {"file": upload()}).status_code == 403
    found = attached(nc)
    assert browser.get(f"/evidence/{found.pk}/").status_code == 200
    for page in ("change", "newer", "withdraw", f"unlink/nonconformity/{nc.pk}"):
        assert browser.get(f"/evidence/{found.pk}/{page}/").status_code == 403


def test_records_that_are_not_there(officer, nc):
    browser = signed_in(officer)
    for wrong in (f"nonconformity/{nc.pk + 1}", "organization/1", "user/1", "x/1"):
        assert browser.post(f"/evidence/for/{wrong}/", {"file": upload()}).status_code == 404


def test_use_what_is_here_already(officer, nc, acting, other_organization):
    found = attached(nc, title="Calibration")
    second = nonconformity(acting, [certificate(acting, "C9")], "NC-9")
    browser = signed_in(officer)
    response = browser.post(f"/evidence/for/nonconformity/{second.pk}/use/", {"evidence": found.pk}, follow=True)
    assert "“Calibration” is attached." in text_of(response)
    refused = browser.post(f"/evidence/for/nonconformity/{second.pk}/use/", {"evidence": found.pk + 1})
    assert (refused.status_code, says_beside(refused, "id_use_evidence")) == (422, "Choose evidence of the list")


def test_the_page_of_one_piece(officer, nc):
    found = attached(nc, title="Calibration of scale 4", expires_on=date(2026, 5, 20))
    browser = signed_in(officer)
    b"".join(browser.get(f"/evidence/{found.pk}/file/1/"))
    words = text_of(browser.get(f"/evidence/{found.pk}/"))
    for part in ("Calibration of scale 4 Due soon", "in 16 days", "NC-7: NC-7", "Who looked at it Marta Zielińska"):
        assert part in words


def test_change_its_facts(officer, nc):
    found = attached(nc)
    browser = signed_in(officer)
    given = {"version": found.version, "title": "Scale 4", "owner": officer.pk, "note": "In the lab"}
    assert browser.post(f"/evidence/{found.pk}/change/", given).status_code == 302
    found.refresh_from_db()
    assert (found.title, found.owner, found.note, found.version) == ("Scale 4", officer, "In the lab", 2)
    late = browser.post(f"/evidence/{found.pk}/change/", {**given, "title": "Scale 5"})
    assert (late.status_code, "Theirs: title: Scale 4" in text_of(late)) == (422, True)
    assert 'name="version" value="2"' in late.content.decode()


def test_newer_file_withdraw_and_take_away(officer, nc):
    found = attached(nc)
    browser = signed_in(officer)
    assert browser.post(f"/evidence/{found.pk}/newer/", {"file": upload("new.pdf", PDF + b"2")}).status_code == 302
    assert found.current.number == 2
    gone = browser.post(f"/evidence/{found.pk}/unlink/nonconformity/{nc.pk}/", {"reason": "Belongs elsewhere"})
    assert gone["Location"] == f"/ncs/{nc.pk}/"
    assert browser.post(f"/evidence/{found.pk}/withdraw/", {}).status_code == 422
    assert browser.post(f"/evidence/{found.pk}/withdraw/", {"reason": "Wrong"}).status_code == 302
    assert "Withdrawn on 4 May 2026" in text_of(browser.get(f"/evidence/{found.pk}/"))


def test_the_list_and_its_filters(officer, nc):
    attached(nc, title="No end")
    attached(nc, title="Ends soon", expires_on=date(2026, 5, 20))
    actions.attach(nc, given(effective_on=date(2025, 1, 1)), BY, title="Ended", expires_on=date(2026, 5, 3))
    browser = signed_in(officer)

    def titles(query: str) -> list[str]:
        return [str(row) for row, _, _ in browser.get(f"/evidence/{query}").context["lines"]]

    assert titles("") == ["Ended", "Ends soon", "No end"]
    assert titles("?state=expiring") == ["Ends soon"]
    assert titles("?state=expired") == ["Ended"]
    assert titles("?state=unused") == titles("?state=withdrawn") == []
    assert titles("?q=SOON") == ["Ends soon"]
    assert titles("?q=calibration.pdf") == ["Ended", "Ends soon", "No end"]
    assert "No evidence matches" in text_of(browser.get("/evidence/?q=nothing"))


def test_as_many_queries_for_three_as_for_one(officer, nc, acting):
    browser = signed_in(officer)
    attached(nc)
    one = {page: queries_of(browser, page) for page in ("/evidence/", f"/ncs/{nc.pk}/")}
    attached(nc), attached(nc)
    assert {page: queries_of(browser, page) for page in one} == one
    assert one["/evidence/"] < 12
