"""Every page of the desk asks the one policy: lists, pages, history, search, autocomplete (R13, R39)."""

import pytest
from django.contrib import admin
from django.urls import reverse

from feedback.models import Case, Customer, Message, Resolution
from feedback.models.staff import Role
from followups.models import FollowUp
from surveys.models import Invitation, Response
from tests import factories
from tests.desk import Desk, complaint, text

pytestmark = pytest.mark.django_db


def address(row, view):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{view}", args=[row.pk])


def listing(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def all_models():
    return sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def story():
    """Anna complains about what happened in a department where Sam served her."""
    served = factories.UserFactory(username="sam")
    identity = factories.IdentityFactory(user=served)
    department = factories.DepartmentFactory(slug="workshop")
    follow_up = complaint(department, served_by=identity, name="Anna Secret")
    return department, served, follow_up


def rows_of(follow_up):
    invitation = follow_up.response.invitation
    return [follow_up, follow_up.response, invitation, invitation.resolution, invitation.resolution.case]


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model._meta.label)
def test_a_manager_opens_every_list(model, story):
    assert Desk(factories.UserFactory(roles=[Role.MANAGER])).get(listing(model)).status_code == 200


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model._meta.label)
def test_every_page_of_the_desk_says_who_may_read_it(model):
    """A model registered without our base would fall back to Django's own permissions."""
    from feedback.desk.policy import PolicyAdmin

    assert isinstance(admin.site._registry[model], PolicyAdmin)


@pytest.mark.rule("R39")
@pytest.mark.parametrize("model", all_models(), ids=lambda model: model._meta.label)
def test_an_owner_reads_their_own_lists_and_is_refused_the_rest(model, story):
    department, _served, _follow_up = story
    answer = Desk(department.owner).get(listing(model))
    assert answer.status_code == (200 if model in (FollowUp, Response, Invitation) else 403)


@pytest.mark.rule("R39")
@pytest.mark.parametrize("view", ["change", "history", "delete"])
def test_another_departments_rows_are_404_or_refused(view, story):
    _department, _served, follow_up = story
    outsider = Desk(factories.DepartmentFactory(slug="elsewhere").owner)
    for row in rows_of(follow_up):
        expected = {404} if row._meta.model in (FollowUp, Response, Invitation) else {403, 404}
        answer = outsider.get(address(row, view))
        assert answer.status_code in expected | ({403} if view == "delete" else set()), row._meta.label
        assert "Anna" not in text(answer)


@pytest.mark.rule("R13")
@pytest.mark.parametrize("view", ["change", "history"])
@pytest.mark.parametrize("roles", [[], [Role.MANAGER], [Role.MANAGER, Role.SAFETY_OWNER]])
def test_whoever_served_finds_nothing_whatever_their_role(view, roles, story):
    department, served, follow_up = story
    for role in roles:
        served.role_grants.create(role=role)
    department.owner = served
    department.save()
    served.is_superuser = served.is_staff = True
    served.save()
    desk = Desk(served)
    for row in rows_of(follow_up):
        assert desk.get(address(row, view)).status_code in (403, 404), row._meta.label


@pytest.mark.rule("R13")
def test_no_list_and_no_search_shows_whoever_served_what_was_said(story):
    _department, served, _follow_up = story
    served.role_grants.create(role=Role.MANAGER)
    desk = Desk(served)
    for model in (FollowUp, Response, Invitation, Resolution, Case, Message):
        for query in ({}, {"q": "Anna"}, {"q": "Anna", "stands": "all"}):
            assert "Secret" not in text(desk.get(listing(model), query)), model
    assert "Secret" not in text(desk.get("/admin/"))


@pytest.mark.rule("R13")
def test_a_name_linked_later_protects_at_once(story):
    department, _served, _follow_up = story
    late = factories.UserFactory(roles=[Role.MANAGER])
    identity = factories.IdentityFactory(external_id="unknown-yet")
    follow_up = complaint(department, served_by=identity)
    desk = Desk(late)
    assert desk.get(address(follow_up, "change")).status_code == 200
    identity.user = late
    identity.save()
    assert desk.get(address(follow_up, "change")).status_code == 404


@pytest.mark.rule("R13")
def test_the_customer_page_leaves_out_the_cases_in_which_the_reader_served(story):
    _department, served, follow_up = story
    served.role_grants.create(role=Role.MANAGER)
    answer = Desk(served).get(address(follow_up.customer, "change"))
    assert answer.status_code == 200
    assert "Washing machine" not in text(answer)


@pytest.mark.rule("R39")
@pytest.mark.parametrize("model", [FollowUp, Case, Customer])
def test_autocomplete_offers_only_what_the_policy_shows(model, story):
    _department, _served, _follow_up = story
    desk = Desk(factories.DepartmentFactory().owner)
    for field in ("customer", "response", "department", "merged_into", "case"):
        answer = desk.get(
            "/admin/autocomplete/",
            {
                "app_label": model._meta.app_label,
                "model_name": model._meta.model_name,
                "field_name": field,
                "term": "A",
            },
        )
        assert answer.status_code in (403, 404) or answer.json()["results"] == []


@pytest.mark.rule("R42")
@pytest.mark.parametrize(
    ("model", "field"),
    [("customer", "follow_ups"), ("case", "department"), ("case", "nothing"), ("case", "subject")],
)
def test_autocomplete_of_what_no_page_completes_is_refused(model, field, story):
    asked = {"app_label": "feedback", "model_name": model, "field_name": field, "term": ""}
    manager = Desk(factories.UserFactory(roles=[Role.MANAGER]))
    assert manager.get("/admin/autocomplete/", asked).status_code == 403


@pytest.mark.rule("R39")
def test_the_themes_search_knows_pages_and_no_rows(story):
    answer = Desk(factories.UserFactory(roles=[Role.MANAGER])).get(
        "/admin/search/", {"s": "anna", "extended": "1"}
    )
    assert answer.status_code == 200
    assert "Anna" not in text(answer)


@pytest.mark.rule("R39")
@pytest.mark.parametrize(
    "lookup", ["customer__name", "response__customer__name__startswith", "assignee__password"]
)
def test_a_list_cannot_be_asked_by_addresses_of_its_own_making(lookup, story):
    department, _served, _follow_up = story
    asked = text(Desk(department.owner).get(listing(FollowUp), {lookup: "nobody"}))
    assert "Anna Secret" in asked  # not a filter: the list is as it was


@pytest.mark.parametrize("number", ["0", "999999999999", "9" * 40, "x", "1 OR 1=1", "1%00", "-1", "²"])
def test_a_number_that_is_none_is_404(number, story):
    department, _served, _follow_up = story
    assert Desk(department.owner).get(f"/admin/followups/followup/{number}/change/").status_code == 404


def test_nothing_is_deleted_or_added_by_hand(story):
    _department, _served, follow_up = story
    desk = Desk(factories.UserFactory(roles=[Role.MANAGER]))
    for row in rows_of(follow_up):
        assert desk.get(address(row, "delete")).status_code == 403
        assert desk.post(address(row, "delete"), {"post": "yes"}).status_code == 403
        assert desk.get(reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_add")).status_code == 403
    assert FollowUp.objects.filter(pk=follow_up.pk).exists()
