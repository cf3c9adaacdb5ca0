"""The demo's first rows, and that they are made in a database of their own."""

import pytest
from django.core.management import CommandError

from feedback import access, first_start
from feedback.demo import cast, data_folder, setup
from feedback.models import Department, DepartmentAlias, StaffIdentity, User
from feedback.models.staff import Role
from followups.models import RoutingRule
from surveys.models import SurveyVersion
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def make_all() -> None:
    setup.ensure()
    first_start.ensure()
    setup.ensure_upper_rows()


def test_every_busy_group_is_a_department_with_owner_deputy_and_head(capsys):
    make_all()
    for team in cast.TEAMS:
        department = DepartmentAlias.objects.get(slug=team.group).department
        assert department.name == {"en": team.english, "zh-hans": team.chinese}
        assert len({department.owner, department.deputy, department.head}) == 3
    assert Department.objects.get(is_fallback=True).slug == "customer-care"
    assert not DepartmentAlias.objects.filter(slug="?").exists()
    assert capsys.readouterr().out == ""  # nobody's password is printed: they stand on the page


def test_it_is_harmless_when_called_again():
    make_all()
    before = [
        model.objects.count() for model in (User, Department, StaffIdentity, RoutingRule, SurveyVersion)
    ]
    make_all()
    assert [
        model.objects.count() for model in (User, Department, StaffIdentity, RoutingRule, SurveyVersion)
    ] == before


def test_owners_have_served_some_customers_themselves():
    make_all()
    for team in cast.TEAMS:
        department = Department.objects.get(slug=team.slug)
        assert department.owner.identities.filter(source=cast.SOURCE).exists()


def test_the_help_desk_may_hand_in_cases_and_nothing_else():
    make_all()
    user = User.objects.get(username=cast.INTEGRATION)
    assert access.roles(user) == {Role.INTEGRATION}
    assert not user.has_usable_password()
    assert not access.works_at_the_desk(user)


def test_the_token_stays_the_same_until_it_is_lost(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    make_all()
    first = setup.token()
    assert setup.token() == first
    assert (tmp_path / "demo-token").stat().st_mode & 0o077 == 0
    (tmp_path / "demo-token").unlink()
    assert setup.token() != first


def test_somebodys_own_database_is_left_alone():
    UserFactory()
    with pytest.raises(CommandError, match="is no demo's"):
        data_folder.only_the_demos()


def test_its_own_database_is_known_again():
    make_all()
    data_folder.only_the_demos()
