"""All scenes by name."""

from tests.browser import scenes_of_customers, scenes_of_the_demo, scenes_of_the_desk
from tests.browser.scene import SCENES, Scene

__all__ = ["SCENES", "Scene", "scenes_of_customers", "scenes_of_the_demo", "scenes_of_the_desk"]
