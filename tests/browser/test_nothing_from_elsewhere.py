"""What the other tests rely on: whatever a page asks of others, and whatever it complains of, fails the test.

Every window of every test here is watched; see `looking`. These tests hold that the watchman is awake, and walk
through the pages that no other test opens.
"""

import pytest

from tests.browser.viewer import Viewer


@pytest.fixture
def viewer(chromium, world) -> Viewer:
    viewer = Viewer(chromium, world, 1280, 900)
    viewer.go(world.survey(world.asked()))
    return viewer


@pytest.mark.rule("R8")
def test_a_request_to_elsewhere_is_refused_by_the_policy_and_noticed(viewer):
    viewer.page.evaluate(
        "document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:9/pixel'}))"
    )
    viewer.page.wait_for_timeout(200)
    assert any("pixel" in line and "Content Security Policy" in line for line in viewer.close())


def test_a_script_and_a_style_of_its_own_are_refused_and_noticed(viewer):
    viewer.page.evaluate("""
        document.body.insertAdjacentHTML('beforeend', '<p style="color: red">x</p>');
        document.body.append(Object.assign(document.createElement('script'), {textContent: 'document.title = "ran"'}));
    """)
    viewer.page.wait_for_timeout(200)
    assert viewer.page.title() != "ran"
    assert len([line for line in viewer.close() if "Content Security Policy" in line]) >= 2


def test_the_other_pages_of_the_desk_are_clean_too(world, looking):
    world.takes(world.complaint())
    viewer = looking().sign_in(world.manager)
    viewer.go("/admin/")
    addresses = viewer.page.locator("#nav-sidebar a, aside a, nav a").evaluate_all(
        "links => links.map(link => link.getAttribute('href')).filter(href => href?.startsWith('/admin/'))"
    )
    assert len(addresses) > 8
    for address in dict.fromkeys(addresses):
        if "logout" not in address:
            answer = viewer.go(address)
            assert answer is not None and answer.status == 200, address
    viewer.go("/api/docs/")
    viewer.page.get_by_role("heading", name="Answerback API").wait_for()
